import { createRun, InterruptedError } from '../run/run.js';
import type { RunResult } from '../run/result.js';
import { onInterrupt } from './interrupt.js';
import { type RunCommandOptions, settings } from './options.js';

/** Runs a config to its end, or to the first request to stop. */
export async function start(
  source: string | object | undefined,
  options: RunCommandOptions,
): Promise<RunResult | undefined> {
  const interrupt = onInterrupt();
  const { name, force, resume } = options;
  const run = createRun(source, { set: settings(options), name, force, resume, signal: interrupt.signal });
  try {
    return await run.done;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = interrupt.exitCode();
    return undefined;
  } finally {
    interrupt.release();
  }
}
