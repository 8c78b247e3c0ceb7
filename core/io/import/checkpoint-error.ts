/**
 * A checkpoint that cannot be folded as it is: it lacks something, holds more than is understood, or numbers that no network computes
 * with. The message names the tensor, block or module.
 */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}
