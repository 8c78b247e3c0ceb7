import type { Backbone } from './backbone.js';
import type { BranchOp } from './branch-op.js';
import type { Dataset } from './dataset.js';
import type { Engine } from './engine.js';
import type { Exporter } from './exporter.js';
import type { Fuser } from './fuser.js';
import type { ImportanceEstimator } from './importance-estimator.js';
import type { Observer } from './observer.js';
import type { SearchSpace } from './search-space.js';
import type { Strategy } from './strategy.js';
import type { WeightSharing } from './weight-sharing.js';

/** The version of these contracts. A plugin states the one it was written for. */
export const API_VERSION = 1;

/** Every kind of part by the name of its kind. */
export interface PartKinds {
  'branch-op': BranchOp;
  'search-space': SearchSpace;
  'importance-estimator': ImportanceEstimator;
  'weight-sharing': WeightSharing;
  fuser: Fuser;
  strategy: Strategy;
  backbone: Backbone;
  dataset: Dataset;
  engine: Engine;
  exporter: Exporter;
  observer: Observer;
}

export type PartKind = keyof PartKinds;

/** What a plugin may do while it is set up: add parts. */
export interface PluginHost {
  add<Kind extends PartKind>(kind: Kind, part: PartKinds[Kind]): void;
}

export interface Plugin {
  /** Usually the package's name. */
  readonly name: string;
  /** {@link API_VERSION} of the contracts it was written for. */
  readonly apiVersion: number;
  setup(host: PluginHost): void;
}
