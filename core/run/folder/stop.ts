import { setTimeout } from 'node:timers/promises';
import { RefusedError } from '../errors.js';
import { workerIn } from './lock.js';

// A run or a comparison is stopped from elsewhere by the signal that Ctrl-C sends: it writes a checkpoint and ends.

const LOOK_EVERY_MS = 100;

/**
 * Asks the process that works in a folder to stop, and waits until it has.
 *
 * @returns its process id
 * @throws RefusedError if nothing works there, or something on another machine does.
 */
export async function stopWork(folder: string): Promise<number> {
  const worker = workerIn(folder);
  if (!worker) throw new RefusedError(`${folder}: no run or comparison is at work there`);
  const { pid, host } = worker.holder;
  if (worker.life === 'unknown') {
    throw new RefusedError(`${folder}: process ${pid} on ${host} works there, which cannot be reached from here`);
  }
  process.kill(pid, 'SIGINT');
  while (workerIn(folder)?.holder.pid === pid) await setTimeout(LOOK_EVERY_MS);
  return pid;
}
