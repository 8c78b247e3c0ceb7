import { parentPort } from 'node:worker_threads';
import { FileError } from '../../io/files/index.js';
import { type CheckpointWrite, writeCheckpoint } from './write.js';

/** A failure in parts that pass between threads (classes do not); undefined for success. */
export interface WriteReply {
  readonly failure?: { readonly path: string; readonly problem: string };
}

// A thread of its own: hashing and writing would block the training, and the training would block them.
parentPort?.on('message', (write: CheckpointWrite) => {
  parentPort?.postMessage(attempt(write));
});

function attempt(write: CheckpointWrite): WriteReply {
  try {
    writeCheckpoint(write);
    return {};
  } catch (error) {
    if (error instanceof FileError) return { failure: { path: error.path, problem: error.problem } };
    return { failure: { path: write.runFolder, problem: `a checkpoint cannot be written: ${String(error)}` } };
  }
}
