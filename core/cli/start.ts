import { InterruptedError, type Run } from '../run/run.js';
import { onInterrupt } from './interrupt.js';

/** Waits for a run to end; absent when somebody stopped it, the exit code then being set. */
export async function watch<Result>(begin: (signal: AbortSignal) => Run<Result>): Promise<Result | undefined> {
  const interrupt = onInterrupt();
  try {
    return await begin(interrupt.signal).done;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = interrupt.exitCode();
    return undefined;
  } finally {
    interrupt.release();
  }
}
