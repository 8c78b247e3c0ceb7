import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { ConfigError } from '../../config/problem.js';
import { FileError, systemCode } from '../../io/files/index.js';
import { printable } from './printable.js';

/** Exit codes: done, failed, wrong usage or config, interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A mistake in how a command was called. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a run failed of once it was under way: nothing is wrong with how it was called. Its cause is the error itself. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
}

/** What the system says where the machine has come to its end: a full disk or quota, a device that fails, too many open files. */
const MACHINE = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM'];

/** Errors that are told without a stack: what went wrong is in their message. */
const USAGE = ['CheckpointError', 'ConfigChangedError', 'LockedError', 'NoEngineError', 'RefusedError', 'TargetError'];

/** Tells people what went wrong, on stderr; gives the exit code. */
export async function reportFailure(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'InterruptedError') {
    process.stderr.write(`${coloured('yellow', 'stopped:')} ${printable(message)}\n`);
    return EXIT.interrupted;
  }
  process.stderr.write(`${coloured('red', 'error:')} ${printable(message)}\n`);
  const usage = isUsage(error, name);
  if (!usage && process.env['REPNAS_STACK'] && error instanceof Error) {
    const { stack } = error instanceof RunFailedError ? (error.cause as Error) : error;
    process.stderr.write(`${printable(stack ?? '')}\n`);
  }
  return usage ? EXIT.usage : EXIT.failed;
}

/** In colour on a terminal that shows some (`NO_COLOR` and `FORCE_COLOR` are heeded); a log or a pipe gets words alone, in CI too. */
function coloured(colour: 'red' | 'yellow', words: string): string {
  const { stderr } = process;
  return stderr.isTTY && stderr.hasColors() ? styleText(colour, words) : words;
}

function isUsage(error: unknown, name: string): boolean {
  if (error instanceof FileError) return !MACHINE.includes(systemCode(error.cause) ?? '');
  return error instanceof ConfigError || error instanceof UsageError || USAGE.includes(name);
}
