import type { Exporter, ExportSources, FusedNetwork } from '../../../core/contracts/index.js';
import { wholeContent } from '../../../core/io/files/index.js';

/** What a format writes for a network: its files' bytes. */
export async function exported<Options>(
  exporter: Exporter<Options>,
  network: FusedNetwork,
  options: object = {},
  sources: ExportSources = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await exporter.export(network, exporter.options.parse(options), sources);
  return new Map([...files].map(([name, content]) => [name, wholeContent(content)]));
}
