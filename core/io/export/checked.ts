import type { ExportCheck } from '../../contracts/exporter.js';

/** What a program made of an export, or why none was asked. */
export type ExportChecked = { readonly check: ExportCheck } | { readonly unchecked: string };
