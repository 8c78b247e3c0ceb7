import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../core/app/cli/main.js', import.meta.url));

/** How a process ended, and what it said. */
export interface Ended {
  /** The exit code, as a shell gives it: 128 and the signal's number for one that a signal ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** Starts a program; a process group of its own, so that a signal reaches nobody else. */
export function start(program: string, args: readonly string[], options: SpawnOptions = {}): Started {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data: Buffer) => {
    said.stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    said.stderr += data.toString();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: (code as number | null) ?? 128 + (SIGNALS[String(signal)] ?? 0),
    ...said,
  }));
  return { child, ended };
}

/** Starts `repnas` as a user does. */
export const repnas = (args: readonly string[], options: SpawnOptions = {}): Started =>
  start(process.execPath, [MAIN, ...args], options);

/** Through a shell line that prepares the process (`ulimit -n 20;`) before it becomes `repnas`. */
export const repnasAfter = (preparation: string, args: readonly string[], options: SpawnOptions = {}): Started =>
  start('/bin/sh', ['-c', `${preparation} exec "$@"`, 'sh', process.execPath, MAIN, ...args], options);

/** Does something with each, as many at a time as there are cores. */
export async function forEach<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** Waits until something is so, or the process has ended. */
export async function until(so: () => boolean, ended: Promise<unknown>): Promise<void> {
  let over = false;
  ended.then(() => {
    over = true;
  });
  while (!over && !so()) await wait(1);
}
