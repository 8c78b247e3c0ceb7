/** A step that computed something that is not a number: the parameters are those of the step before. */
export class DivergedError extends Error {
  /** Steps that were taken before it, over all phases. */
  readonly step: number;

  constructor(step: number, what: string, phase: string) {
    super(`${what} in step ${step} (phase ${phase}); lower train.optimizer.learningRate or set train.clip`);
    this.name = 'DivergedError';
    this.step = step;
  }
}
