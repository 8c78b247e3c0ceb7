/**
 * What is asked for cannot be had: a name that nothing has, images that are not there, parts that do not fit together. The message
 * says what was expected. Nothing was written.
 */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/**
 * Does what comes before anything is written. A part says what is wrong with its options or files by a plain error.
 * @throws RefusedError in its place.
 */
export async function prepare<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') throw new RefusedError(error.message, { cause: error });
    throw error;
  }
}
