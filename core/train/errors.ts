/** How a training ends other than well. Imported by the package's entry, so it loads nothing that computes. */

/** Thrown by a step that computed a value that is not finite: the parameters are those of the step before. */
export class DivergedError extends Error {
  /** Steps that were taken before it, over all phases. */
  readonly step: number;

  constructor(step: number, what: string, phase: string) {
    super(`${what} in step ${step} (phase ${phase}); lower train.optimizer.learningRate or set train.clip`);
    this.name = 'DivergedError';
    this.step = step;
  }
}

/** Thrown instead of a strategy's measurement because the run is to stop. The network is as it was. */
export class StoppedError extends Error {
  constructor() {
    super('the run is stopping');
    this.name = 'StoppedError';
  }
}
