import { parentPort, workerData } from 'node:worker_threads';
import { type Cut, decode, type SharpFactory } from './decode.js';

/** One image to decode, into its place in the batch. */
export interface DecodeTask {
  readonly path: string;
  readonly size: number;
  readonly cut: Cut;
  readonly batch: SharedArrayBuffer;
  readonly position: number;
}

/** What is wrong with the image; absent when nothing is. */
export interface DecodeReply {
  readonly problem?: string;
}

export interface DecodeWorkerData {
  /** URL of the module. */
  readonly sharp: string;
}

const module = (await import((workerData as DecodeWorkerData).sharp)) as {
  readonly default: SharpFactory & { cache(keep: boolean): void; concurrency(threads: number): void };
};
const sharp = module.default;
// Every image is seen once an epoch, and there is a thread for each image that is being decoded.
sharp.cache(false);
sharp.concurrency(1);

parentPort?.on('message', async ({ path, size, cut, batch, position }: DecodeTask) => {
  const bytes = 3 * size * size;
  let reply: DecodeReply = {};
  try {
    await decode(sharp, path, size, cut, new Uint8Array(batch, position * bytes, bytes));
  } catch (error) {
    reply = { problem: (error as Error).message };
  }
  parentPort?.postMessage(reply);
});
