/**
 * Thrown if a request cannot be met: an unknown name, missing images, parts that do not fit together. The message says
 * what was expected. Nothing was written.
 */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/**
 * Runs preparation, before anything is written. Parts report problems with options or files as plain errors.
 * @throws RefusedError instead of such a plain error.
 */
export async function prepare<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') throw new RefusedError(error.message, { cause: error });
    throw error;
  }
}
