import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '../../../io/files/index.js';
import { REPORT_FILES } from '../../../run/folder/layout.js';
import { csv, gatesCsv } from './csv.js';
import { markdown } from './markdown.js';
import type { ReportSource } from './page.js';

/** Writes a report in all its forms. @returns the files */
export async function writeReport(folder: string, { report, history, description }: ReportSource): Promise<string[]> {
  // Plot and a DOM take a while to load.
  const { html } = await import('./html.js');
  const files: readonly (readonly [name: string, text: string])[] = [
    [REPORT_FILES.json, `${JSON.stringify(report, null, 2)}\n`],
    [REPORT_FILES.markdown, markdown(report)],
    [REPORT_FILES.csv, csv(report)],
    [REPORT_FILES.gates, gatesCsv({ history, description })],
    [REPORT_FILES.html, html({ report, history, description })],
  ];
  makeFolder(folder);
  for (const [name, text] of files) writeFileAtomic(join(folder, name), text);
  return files.map(([name]) => join(folder, name));
}
