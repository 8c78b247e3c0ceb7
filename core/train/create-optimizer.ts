import type { ParameterStore } from '../reparam/network/parameters.js';
import { Adam } from './adam.js';
import type { AdamOptions, Optimizer, SgdOptions } from './optimizer.js';
import { Sgd } from './sgd.js';

/** Makes the optimizer that a config names. */
export const createOptimizer = (options: SgdOptions | AdamOptions, store: ParameterStore): Optimizer =>
  options.name === 'sgd' ? new Sgd(options, store) : new Adam(options, store);
