import type { Backbone } from '../contracts/backbone.js';
import type { BranchOp } from '../contracts/branch-op.js';
import type { Dataset } from '../contracts/dataset.js';
import type { Engine } from '../contracts/engine.js';
import type { Exporter } from '../contracts/exporter.js';
import type { Fuser } from '../contracts/fuser.js';
import type { ImportanceEstimator } from '../contracts/importance-estimator.js';
import type { Observer } from '../contracts/observer.js';
import type { Chosen } from '../contracts/part.js';
import type { SearchSpace } from '../contracts/search-space.js';
import type { Strategy } from '../contracts/strategy.js';
import type { WeightSharing } from '../contracts/weight-sharing.js';

/** The parts that a config names, each with its validated options. */
export interface RunParts {
  readonly strategy: Chosen<Strategy>;
  readonly baseline?: Chosen<Strategy> | undefined;
  readonly searchSpace: Chosen<SearchSpace>;
  readonly branchOps: ReadonlyMap<string, Chosen<BranchOp>>;
  /** The plain KxK convolution, for blocks that are not searched. */
  readonly plain: Chosen<BranchOp>;
  readonly importance: Chosen<ImportanceEstimator>;
  readonly weightSharing: Chosen<WeightSharing>;
  readonly fuser: Chosen<Fuser>;
  readonly backbone: Chosen<Backbone>;
  readonly dataset: Chosen<Dataset>;
  readonly exporters: readonly Chosen<Exporter>[];
  readonly observers: readonly Chosen<Observer>[];
  /** The engines to try, in order: the named one, or for `auto` all of them. */
  readonly engines: readonly Chosen<Engine>[];
}
