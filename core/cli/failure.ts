import { CommanderError } from 'commander';
import pc from 'picocolors';
import { ConfigError } from '../config/problem.js';
import { FileError } from '../files/index.js';

/** Exit codes: done, failed, wrong usage or config, interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A mistake in how a command was called. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Errors that are told without a stack: what went wrong is in their message. */
const USAGE = ['ConfigChangedError', 'LockedError', 'NoEngineError', 'RefusedError', 'TargetError'];

/** Tells people what went wrong, on stderr; gives the exit code. */
export async function reportFailure(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'InterruptedError') {
    process.stderr.write(`${pc.yellow('stopped:')} ${message}\n`);
    return EXIT.interrupted;
  }
  process.stderr.write(`${pc.red('error:')} ${message}\n`);
  const known =
    error instanceof ConfigError || error instanceof FileError || error instanceof UsageError || USAGE.includes(name);
  if (!known && process.env['REPNAS_STACK'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return known ? EXIT.usage : EXIT.failed;
}
