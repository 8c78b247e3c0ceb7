import { Worker } from 'node:worker_threads';
import type { DecodeReply, DecodeTask, DecodeWorkerData } from './decode-worker.js';

interface Waiting {
  readonly task: DecodeTask;
  /** Threads that have died over it. */
  deaths: number;
  done(reply: DecodeReply): void;
  failed(error: Error): void;
}

/** An image that has ended so many threads is not given another. */
const MOST_DEATHS = 2;

/**
 * Threads that decode images, each one at a time; started when first needed. Nothing waits in them, so that closing loses nothing,
 * and one that dies (out of memory, say) loses nothing either: a new one takes its image.
 */
export class DecoderPool {
  readonly #size: number;
  readonly #data: DecodeWorkerData;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  #waiting: Waiting[] = [];

  /**
   * @param size Threads.
   * @param sharp URL of the module that decodes.
   */
  constructor(size: number, sharp: string) {
    this.#size = size;
    this.#data = { sharp };
  }

  /**
   * An image that cannot be decoded, or that no thread survives, is no error but a reply that says so.
   * @throws Error when the pool is closed before it is done.
   */
  decode(task: DecodeTask): Promise<DecodeReply> {
    return new Promise((done, failed) => {
      this.#waiting.push({ task, deaths: 0, done, failed });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    const abandoned = [...this.#waiting, ...this.#busy.values()];
    this.#waiting = [];
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    this.#busy.clear();
    for (const { failed } of abandoned) failed(new Error('the data set was closed while images were read'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (!worker) return;
      const next = this.#waiting.shift() as Waiting;
      this.#busy.set(worker, next);
      worker.ref();
      worker.postMessage(next.task);
    }
  }

  #start(): Worker | undefined {
    if (this.#busy.size >= this.#size) return undefined;
    const worker = new Worker(new URL('./decode-worker.js', import.meta.url), { workerData: this.#data, execArgv: [] });
    worker.on('message', (reply: DecodeReply) => {
      this.#busy.get(worker)?.done(reply);
      this.#busy.delete(worker);
      // A thread that waits for work keeps no process alive.
      worker.unref();
      this.#idle.push(worker);
      this.#dispatch();
    });
    worker.on('error', (error) => this.#lost(worker, error as Error));
    worker.on('exit', (code) => this.#lost(worker, new Error(`a thread that decodes images ended with code ${code}`)));
    return worker;
  }

  /** Called once or twice for a thread that has died: with its error, and with its exit. */
  #lost(worker: Worker, error: Error): void {
    const waiting = this.#busy.get(worker);
    this.#busy.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle >= 0) this.#idle.splice(idle, 1);
    if (!waiting) return;
    waiting.deaths++;
    if (waiting.deaths < MOST_DEATHS) this.#waiting.unshift(waiting);
    else
      waiting.done({ problem: `ended ${waiting.deaths} threads that decoded it, the last one so: ${error.message}` });
    this.#dispatch();
  }
}
