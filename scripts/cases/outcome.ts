import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What came of one case. */
export interface Outcome {
  readonly file: string;
  /** What the case is one of, for the table. */
  readonly kind: string;
  /** Right as it should be; refused as it should be; anything else. */
  readonly verdict: 'held' | 'refused' | 'WRONG';
  readonly detail: string;
}

/** The rows of the first table of a folder's README, by the names of its columns. */
export function tableOf(folder: string): readonly Readonly<Record<string, string>>[] {
  const rows = readFileSync(join(folder, 'README.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  const [head = [], , ...body] = rows;
  return body.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])));
}
