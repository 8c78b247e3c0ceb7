import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointCases } from './checkpoints.js';
import { hostileCases } from './hostile.js';
import type { Outcome } from './outcome.js';

/**
 * Tries folders of cases, each with a README whose table says what is right of every file, and says what held:
 * `npm run test:cases [-- FOLDER …]`, or `CASES_DIR=FOLDER`. A folder whose table has a column `command` is one of hostile inputs, any
 * other one of checkpoints. Default: what lies beside the project on its developers' machines, else the few that it holds itself.
 */

const own = join('test', 'cases');
const beside = join('..', 'shared', 'cases');
const given = process.argv.slice(2);
const root = process.env['CASES_DIR'] ?? (existsSync(beside) ? beside : own);
const folders = given.length > 0 ? given : ['checkpoints', 'hostile'].map((name) => join(root, name));

const outcomes: Outcome[] = [];
for (const folder of folders) {
  const cases = existsSync(join(folder, 'README.md')) ? folder : undefined;
  if (cases === undefined) throw new Error(`${folder}: there is no README.md with a table of cases`);
  for await (const outcome of [checkpointCases, hostileCases]
    .map((read) => read(cases))
    .find((found) => found !== undefined) ?? []) {
    outcomes.push(outcome);
    console.log(
      `${outcome.verdict.padEnd(8)} ${outcome.file.padEnd(44)} ${outcome.detail.replaceAll('\n', ' ').slice(0, 240)}`,
    );
  }
}

const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
console.log(`\n| kind | tried | held | refused rightly | wrong |\n|---|---|---|---|---|`);
const count = (of: readonly Outcome[], verdict: Outcome['verdict']): number =>
  of.filter((one) => one.verdict === verdict).length;
const line = (name: string, of: readonly Outcome[]): void =>
  console.log(`| ${name} | ${of.length} | ${count(of, 'held')} | ${count(of, 'refused')} | ${count(of, 'WRONG')} |`);
for (const kind of kinds)
  line(
    kind,
    outcomes.filter((one) => one.kind === kind),
  );
line('**all**', outcomes);
process.exitCode = count(outcomes, 'WRONG') === 0 ? 0 : 1;
process.exit();
