import { CheckpointWriter } from '../../core/run/checkpoint/writer.js';
import type { Findings } from './findings.js';
import { inFolder } from './short-run.js';

const ROUNDS = 5;

/** The training must not wait longer than copying takes; noise of a shared machine beside it. */
const MOST = 4;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** How long a training waits for its checkpoint, beside how long a copy of the same arrays and the whole write take. */
export const stalled = (mebibytes: number): Promise<Findings> =>
  inFolder(async (folder) => {
    const array = new Float32Array((mebibytes * 2 ** 20) / 16).fill(0.25);
    const arrays = { a: array, b: array.slice(), c: array.slice(), d: array.slice() };
    const writer = new CheckpointWriter(folder);
    const [waits, copies, writes] = [[], [], []] as [number[], number[], number[]];
    for (let round = 0; round <= ROUNDS; round++) {
      const began = performance.now();
      await writer.save({ arrays, values: {} }, { step: round });
      const copied = performance.now();
      await writer.flush();
      const written = performance.now();
      Object.values(arrays).map((values) => values.slice());
      const sliced = performance.now();
      // The first one starts the thread.
      if (round === 0) continue;
      waits.push(copied - began);
      writes.push(written - copied);
      copies.push(sliced - written);
    }
    await writer.close();
    const [wait, copy, write] = [median(waits), median(copies), median(writes)];
    return {
      what: `a checkpoint of ${mebibytes} MiB stops the training for no longer than a copy takes`,
      tried: ROUNDS,
      failures: wait > MOST * copy ? [`waited ${wait.toFixed(0)} ms; a copy takes ${copy.toFixed(0)} ms`] : [],
      detail: `waits ${wait.toFixed(0)} ms, a copy takes ${copy.toFixed(0)} ms; hashing and writing take ${write.toFixed(0)} ms in the background`,
    };
  });
