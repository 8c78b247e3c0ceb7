import { createRun } from '../../run/run.js';
import type { RunCommandOptions } from './options.js';
import { watch } from './start.js';
import { summary } from './summary.js';

/** Runs a config from its first step to its export, and prints the result. */
export async function runAndReport(source: string | object | undefined, options: RunCommandOptions): Promise<void> {
  const { json, ...given } = options;
  const result = await watch((signal) => createRun(source, { ...given, signal }));
  if (result) process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : summary(result));
}
