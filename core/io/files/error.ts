/**
 * A file or folder that is not what it should be: missing, damaged, of another format, not to be read or written. The message is
 * its path and what is wrong with it; `cause` is the system's own error, where there is one.
 */
export class FileError extends Error {
  /** The file or folder. */
  readonly path: string;
  /** What was found and what was expected, without the path. */
  readonly problem: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.name = 'FileError';
    this.path = path;
    this.problem = problem;
  }
}

/** The system's code for what went wrong (`ENOSPC`), where the system said so. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
