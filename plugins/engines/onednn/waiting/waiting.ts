import { Worker } from 'node:worker_threads';

/** What the thread that watches the load is told. */
export interface WaitingOrder {
  /** The file or name under which oneDNN is loaded: OpenMP is found through it. */
  readonly library: string;
  /** Threads that the engine computes on. */
  readonly threads: number;
}

/** Variables by which someone has said how threads are to wait. */
const SETTINGS = ['OMP_WAIT_POLICY', 'GOMP_SPINCOUNT'];

/** Watches what other processes take of the cores, until it is stopped. */
export interface Waiting {
  /** Whether threads that wait give up their core now. */
  readonly yielding: boolean;
  stop(): Promise<void>;
}

/**
 * Has OpenMP's threads spin while they wait as long as the cores are theirs, and give them up where other processes want them: a
 * thread that waits for one whose core someone else holds would otherwise keep its own from both. What is computed stays the
 * same to the last bit. Undefined where there is nothing to decide: one thread, another system, or a setting of the user's own.
 */
export function watchLoad(order: WaitingOrder): Waiting | undefined {
  if (process.platform !== 'linux' || order.threads < 2) return undefined;
  if (SETTINGS.some((name) => process.env[name] !== undefined)) return undefined;
  const worker = new Worker(new URL('./waiting-thread.js', import.meta.url), { workerData: order, execArgv: [] });
  let yielding = false;
  worker.on('message', (now: boolean) => {
    yielding = now;
  });
  // Another OpenMP than GNU's: its threads wait as they do.
  worker.on('error', () => undefined);
  worker.unref();
  return {
    get yielding() {
      return yielding;
    },
    stop: async () => void (await worker.terminate()),
  };
}
