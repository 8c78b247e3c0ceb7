import { InterruptedError, type Run } from '../../run/run.js';
import { RunFailedError } from './failure.js';
import { onInterrupt } from './interrupt.js';

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
