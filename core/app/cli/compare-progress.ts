import cliProgress from 'cli-progress';
import type { Trial } from '../compare/load.js';
import type { TrialRecord } from '../compare/trial.js';

/**
 * Shows the progress of a comparison: on a terminal a bar with the time left, and everywhere a line per start and end.
 */
export class CompareProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #bars: cliProgress.MultiBar | undefined;
  readonly #shares = new Map<string, number>();
  #bar: cliProgress.SingleBar | undefined;
  #total = 0;
  #before = 0;
  #done = 0;
  #began = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#bars = stream.isTTY
      ? new cliProgress.MultiBar({ stream, linewrap: true, clearOnComplete: true, format: '{bar} {text}', barsize: 24 })
      : undefined;
  }

  begin(total: number, done: number): void {
    this.#total = total;
    this.#done = done;
    this.#before = done;
    this.#began = performance.now();
    if (done > 0) this.#say(`${done} of ${total} trials were run before`);
    this.#bar = this.#bars?.create(total, done, { text: '' });
  }

  start({ name }: Trial, attempt: number): void {
    if (attempt > 1) this.#say(`${name}: failed, is tried once more`);
    else if (!this.#bar) this.#say(`${name}: begins`);
    this.share(name, 0);
  }

  share(name: string, share: number): void {
    this.#shares.set(name, share);
    this.#draw();
  }

  record(record: TrialRecord): void {
    this.#done++;
    this.#shares.delete(record.name);
    const what =
      record.status === 'done'
        ? `${(100 * record.result.accuracy.fused).toFixed(2)} % in ${record.measured.trainingSeconds.toFixed(1)} s`
        : `failed: ${record.reason}`;
    this.#say(`${record.name}: ${what} (${this.#done} of ${this.#total})`);
    this.#draw();
  }

  end(): void {
    this.#bars?.stop();
  }

  #say(line: string): void {
    if (this.#bars && this.#bar) this.#bars.log(`${line}\n`);
    else this.#stream.write(`${line}\n`);
  }

  #draw(): void {
    const running = [...this.#shares].map(([name, share]) => `${name} ${Math.floor(100 * share)} %`);
    const sum = this.#done + [...this.#shares.values()].reduce((all, share) => all + share, 0);
    this.#bar?.update(sum, { text: [`${this.#done} of ${this.#total}`, ...running, this.#left(sum)].join('  ') });
  }

  #left(sum: number): string {
    const own = sum - this.#before;
    if (own <= 0) return '';
    const seconds = (((performance.now() - this.#began) / 1000) * (this.#total - sum)) / own;
    return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')} left`;
  }
}
