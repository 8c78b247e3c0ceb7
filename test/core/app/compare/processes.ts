import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Report } from '../../../../core/app/compare/report/report.js';
import type { TrialRecord } from '../../../../core/app/compare/trial.js';
import { repnas as start, type Started, until as untilOrOver } from '../../../faults/command.js';
import { temporaryFolder } from '../../../folders/temporary.js';

/** `repnas` in a process of its own. */
export const repnas = (cwd: string, ...args: readonly string[]): Started => start(args, { cwd });

/** The same in a process group of its own, which {@link killGroup} ends with all that it has started. */
export const repnasGroup = (cwd: string, ...args: readonly string[]): Started => start(args, { cwd, detached: true });

/** SIGKILL for a command and every process that it has started, as when a machine stops. */
export function killGroup({ child: { pid } }: Started): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

/** A folder with a comparison in it, and `repnas` for its plugins. */
export function comparisonFolder(t: ExecutionContext, comparison: object): string {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'comparison.json'), JSON.stringify(comparison));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/repnas'));
  symlinkSync(resolve('node_modules/zod'), join(folder, 'node_modules/zod'));
  return folder;
}

export const readReport = (folder: string): Report => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));

export function recordsOf(folder: string): TrialRecord[] {
  const file = join(folder, 'trials.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line));
}

/** All of a report that the seeds decide: not what a clock or the memory gave. */
export const decided = ({ seeds, entrants }: Report) => ({
  seeds,
  entrants: entrants.map(({ entrant, accuracy, over, kept, trainingForm, fusedForm, searchSteps, failed }) => ({
    entrant,
    accuracy,
    over,
    kept,
    trainingForm,
    fusedForm,
    searchSteps,
    failed,
  })),
});

/** Waits until something is so while a command runs. @throws Error when it is over before */
export async function until(so: () => boolean, what: string, { ended }: Started): Promise<void> {
  await untilOrOver(so, ended);
  if (!so()) throw new Error(`it was over before ${what}: ${(await ended).stderr}`);
}

export const childrenOf = (pid: number | undefined): number[] =>
  execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
