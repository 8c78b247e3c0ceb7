import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { KernelTimes } from './kernel-clock.js';

interface Answer {
  readonly ready?: string;
  readonly milliseconds?: number;
  readonly kernels?: readonly KernelTimes[];
  readonly peakMiB?: number;
  readonly tensorMiB?: number;
}

/** A process that takes one step for each line that it is sent. */
export class Worker {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  /** Steps that it takes before those that count. */
  readonly warmUp: number;
  #errors = '';

  private constructor(command: string, args: readonly string[], threads: number, warmUp: number) {
    this.warmUp = warmUp;
    const env = { ...process.env, OMP_NUM_THREADS: `${threads}` };
    this.#child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    // What went wrong is told by the answer that does not come.
    this.#child.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (data) => {
      this.#errors += data;
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error with what the process wrote where it does not come up. */
  static async start(
    command: string,
    args: readonly string[],
    threads: number,
    warmUp: number,
  ): Promise<[Worker, string]> {
    const worker = new Worker(command, args, threads, warmUp);
    const { ready = '' } = await worker.#answer();
    return [worker, ready];
  }

  /** So many steps, one after the other. */
  async steps(count: number): Promise<{ milliseconds: number; kernels: readonly KernelTimes[] }[]> {
    const steps: { milliseconds: number; kernels: readonly KernelTimes[] }[] = [];
    while (steps.length < count) {
      const { milliseconds = Number.NaN, kernels = [] } = await this.#ask('step');
      steps.push({ milliseconds, kernels });
    }
    return steps;
  }

  /** Has kernels measured from the next step on. */
  async profile(): Promise<void> {
    await this.#ask('profile');
  }

  /** Ends the process, which tells its memory. */
  async end(): Promise<{ peakMiB: number; tensorMiB: number }> {
    const { peakMiB = Number.NaN, tensorMiB = Number.NaN } = await this.#ask('end');
    this.#child.stdin.end();
    return { peakMiB, tensorMiB };
  }

  kill(): void {
    this.#child.kill();
  }

  #ask(line: string): Promise<Answer> {
    this.#child.stdin.write(`${line}\n`);
    return this.#answer();
  }

  async #answer(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(this.#errors.trim() || 'a process of the comparison ended without a word');
    return JSON.parse(value) as Answer;
  }
}
