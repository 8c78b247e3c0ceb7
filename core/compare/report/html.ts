import type { ReportSource } from './write.js';
export const html = (source: ReportSource): string => `<pre>${source.report.comparison}</pre>`;
