/** What a config asks for cannot be had: images that are not there, parts that do not fit together. Nothing was written. */
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
