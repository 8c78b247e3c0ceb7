import type { Backbone } from './backbone.js';
import type { BranchOp } from './branch-op.js';
import type { Dataset } from './dataset.js';
import type { Engine } from './engine.js';
import type { Exporter } from './exporter.js';
import type { Fuser } from './fuser.js';
import type { ImportanceEstimator } from './importance-estimator.js';
import type { Observer } from './observer.js';
import type { Plugin } from './plugin.js';
import type { SearchSpace } from './search-space.js';
import type { Strategy } from './strategy.js';
import type { WeightSharing } from './weight-sharing.js';

// Each returns what it was given: they exist so that an editor knows what is being written, options included.
export const definePlugin = (plugin: Plugin): Plugin => plugin;
export const defineBranchOp = <Options>(part: BranchOp<Options>): BranchOp<Options> => part;
export const defineSearchSpace = <Options>(part: SearchSpace<Options>): SearchSpace<Options> => part;
export const defineImportanceEstimator = <Options>(part: ImportanceEstimator<Options>): ImportanceEstimator<Options> =>
  part;
export const defineWeightSharing = <Options>(part: WeightSharing<Options>): WeightSharing<Options> => part;
export const defineFuser = <Options>(part: Fuser<Options>): Fuser<Options> => part;
export const defineStrategy = <Options>(part: Strategy<Options>): Strategy<Options> => part;
export const defineBackbone = <Options>(part: Backbone<Options>): Backbone<Options> => part;
export const defineDataset = <Options>(part: Dataset<Options>): Dataset<Options> => part;
export const defineEngine = <Options>(part: Engine<Options>): Engine<Options> => part;
export const defineExporter = <Options>(part: Exporter<Options>): Exporter<Options> => part;
export const defineObserver = <Options>(part: Observer<Options>): Observer<Options> => part;
