import { API_VERSION, definePlugin, type PartKind, type PartKinds, type Plugin } from '../core/contracts/index.js';
import { backbones } from './backbones/index.js';
import { branchOps } from './branch-ops/index.js';
import { checkpointFamilies } from './checkpoint-families/index.js';
import { datasets } from './datasets/index.js';
import { engines } from './engines/index.js';
import { exporters } from './exporters/index.js';
import { fusers } from './fusers/index.js';
import { importanceEstimators } from './importance-estimators/index.js';
import { observers } from './observers/index.js';
import { searchSpaces } from './search-spaces/index.js';
import { strategies } from './strategies/index.js';
import { weightSharings } from './weight-sharing/index.js';

/** The parts of one kind as a plugin: what comes with the package enters by the door that is open to everybody. */
const plugin = <Kind extends PartKind>(kind: Kind, parts: readonly PartKinds[Kind][]): Plugin =>
  definePlugin({
    name: `repnas-${kind}`,
    apiVersion: API_VERSION,
    setup: (host) => {
      for (const part of parts) host.add(kind, part);
    },
  });

const builtIn: readonly Plugin[] = [
  plugin('branch-op', branchOps),
  plugin('search-space', searchSpaces),
  plugin('importance-estimator', importanceEstimators),
  plugin('weight-sharing', weightSharings),
  plugin('fuser', fusers),
  plugin('strategy', strategies),
  plugin('backbone', backbones),
  plugin('dataset', datasets),
  plugin('engine', engines),
  plugin('exporter', exporters),
  plugin('observer', observers),
  plugin('checkpoint-family', checkpointFamilies),
];

export default builtIn;
