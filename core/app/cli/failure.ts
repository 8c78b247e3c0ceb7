import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { ConfigError } from '../../config/problem.js';
import { FileError, systemCode } from '../../io/files/index.js';
import { printable } from './printable.js';

/** Exit codes: done, failed, wrong usage or config, interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Thrown for wrong usage of a command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Wraps the error that ended a run after it had begun; the command was called correctly. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
}

/** System errors of an exhausted machine: a full disk or quota, a failing device, too many open files. */
const MACHINE = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM'];

/** Errors that are told without a stack: what went wrong is in their message. */
const USAGE = ['CheckpointError', 'ConfigChangedError', 'LockedError', 'NoEngineError', 'RefusedError', 'TargetError'];

/** Prints an error on stderr and returns the exit code. */
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

/**
 * Colours text on a terminal that supports it (respects `NO_COLOR` and `FORCE_COLOR`); logs, pipes and CI get plain
 * text.
 */
function coloured(colour: 'red' | 'yellow', words: string): string {
  const { stderr } = process;
  return stderr.isTTY && stderr.hasColors() ? styleText(colour, words) : words;
}

function isUsage(error: unknown, name: string): boolean {
  if (error instanceof FileError) return !MACHINE.includes(systemCode(error.cause) ?? '');
  return error instanceof ConfigError || error instanceof UsageError || USAGE.includes(name);
}
