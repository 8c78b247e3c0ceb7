import type { EngineReport } from '../doctor/examine.js';

/** Formats one line per engine; with `ofAll`, adds the engine that `auto` would take. */
export function verdicts(reports: readonly EngineReport[], ofAll: boolean): string {
  const width = Math.max(...reports.map(({ engine }) => engine.length));
  const lines = reports.map((report) =>
    report.available
      ? `${report.engine.padEnd(width)}  ${report.device}: ${(report.gflops ?? 0).toFixed(1)} GFLOP/s in a 3x3 convolution`
      : `${report.engine.padEnd(width)}  not here: ${report.reason}; ${report.install}`,
  );
  const first = reports.find(({ available }) => available);
  if (ofAll) lines.push(`engine: auto takes ${first ? first.engine : 'none of them'}`);
  return `${lines.join('\n')}\n`;
}
