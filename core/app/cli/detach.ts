import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { workerIn } from '../../run/folder/lock.js';

// A command that goes on without its terminal: the same command once more, in a process of its own, with its words in a file.

const LOOK_EVERY_MS = 100;

/** A command that went on by itself, or ended before it could. */
export type Detached =
  | { readonly pid: number; readonly log: string }
  | { readonly code: number; readonly said: string };

/**
 * Starts this command again without `--detach`, and waits until it works in its folder.
 *
 * @param folder where it will work; its words go into a file of that name and `.log`
 */
export async function detach(folder: string): Promise<Detached> {
  const log = `${folder}.log`;
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach');
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    detached: true,
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  let code: number | undefined;
  child.once('exit', (ended) => {
    code = ended ?? 1;
  });
  child.unref();
  for (;;) {
    if (code !== undefined) return { code, said: readFileSync(log, 'utf8') };
    if (child.pid !== undefined && workerIn(folder)?.holder.pid === child.pid) return { pid: child.pid, log };
    await setTimeout(LOOK_EVERY_MS);
  }
}
