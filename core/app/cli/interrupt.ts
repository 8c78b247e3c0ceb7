/**
 * Waiting for work that Ctrl-C may stop.
 */
import { InterruptedError, type Run } from '../../run/run.js';
import { RunFailedError } from './failure.js';

/**
 * Ctrl-C, or a request to end: the first stops after the running step. From then on the system's own handling is back, so that
 * the second ends the process at once, whatever it is computing; a shell sees 130 or 143 either way.
 */
export function onInterrupt(): { readonly signal: AbortSignal; exitCode(): number; release(): void } {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const codes: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };
  const release = (): void => {
    for (const name of Object.keys(codes) as NodeJS.Signals[]) process.off(name, stop);
  };
  const stop = (name: NodeJS.Signals): void => {
    // Two signals that arrive during one long computation are delivered one after the other.
    if (received) process.exit(codes[name]);
    received = name;
    process.stderr.write('\nstopping after the running step; once more to stop at once\n');
    controller.abort();
    setImmediate(release);
  };
  for (const name of Object.keys(codes) as NodeJS.Signals[]) process.on(name, stop);
  return {
    signal: controller.signal,
    exitCode: () => (received ? (codes[received] ?? 130) : 130),
    release,
  };
}

/**
 * Waits for a run to end; undefined if somebody stopped it, the exit code then being set.
 *
 * @throws RunFailedError for what it fails of once it has begun, that is, told an event; before, whatever it is refused with.
 */
export async function watch<Result>(begin: (signal: AbortSignal) => Run<Result>): Promise<Result | undefined> {
  const interrupt = onInterrupt();
  let begun = false;
  try {
    const { events$, done } = begin(interrupt.signal);
    const begins = (): void => {
      begun = true;
    };
    events$.subscribe({ next: begins, error: () => undefined });
    return await done;
  } catch (error) {
    if (!(error instanceof InterruptedError))
      throw begun && error instanceof Error ? new RunFailedError(error.message, { cause: error }) : error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = interrupt.exitCode();
    return undefined;
  } finally {
    interrupt.release();
  }
}
