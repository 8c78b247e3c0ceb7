import type { ParameterStore } from '../../reparam/network/parameters.js';
import { ByRule } from './by-rule.js';
import type { Optimizer } from './optimizer.js';
import { type AdamOptions, adam, adamw, lamb, type LionOptions, lion, type RmspropOptions, rmsprop } from './rules.js';
import { Sgd, type SgdOptions } from './sgd.js';

// The optimizers that a config can name.

export type { Optimizer, StepRates } from './optimizer.js';
export type OptimizerOptions = SgdOptions | AdamOptions | RmspropOptions | LionOptions;

/** Makes the optimizer that a config names. */
export function createOptimizer(options: OptimizerOptions, store: ParameterStore): Optimizer {
  switch (options.name) {
    case 'sgd':
      return new Sgd(options, store);
    case 'adam':
      return new ByRule(adam(options), options.decayNormAndBias, store);
    case 'adamw':
      return new ByRule(adamw(options), options.decayNormAndBias, store);
    case 'lamb':
      return new ByRule(lamb(options), options.decayNormAndBias, store);
    case 'rmsprop':
      return new ByRule(rmsprop(options), options.decayNormAndBias, store);
    case 'lion':
      return new ByRule(lion(options), options.decayNormAndBias, store);
  }
}
