import type { TrainedBlock, TrainedBranch, TrainedNetwork, TrainedNorm } from '../../contracts/exporter.js';
import type { Branch } from './branch.js';
import type { NormNames } from './norm-names.js';
import type { ParameterStore } from './parameters.js';
import type { Supernet } from './supernet.js';

/** Reads what the branches of a network with a frozen architecture have learned. */
export const trainedNetwork = (supernet: Supernet): TrainedNetwork =>
  new Map(supernet.blocks.nodes.map(({ name }) => [name, trainedBlock(supernet, name)]));

function trainedBlock(supernet: Supernet, block: string): TrainedBlock {
  const branches = supernet.blocks.branches(block).map((branch) => trainedBranch(branch, supernet.store));
  const norm = supernet.blocks.sumNorm(block);
  return { branches, ...(norm && { norm: trainedNorm(supernet.store, norm) }) };
}

function trainedBranch(branch: Branch, store: ParameterStore): TrainedBranch {
  const kernels = [...branch.kernels.values()].map(({ name, height, width, inputs, outputs, identity = false }) => {
    const values = store.read(branch.kernelName(name));
    return [name, { shape: [height, width, inputs, outputs] as const, values, identity }] as const;
  });
  const norms = [...branch.norms.keys()].map((name) => [name, trainedNorm(store, branch.normNames(name))] as const);
  const scale = branch.norms.has('norm') ? undefined : store.read(branch.scale);
  return { op: branch.name, kernels: new Map(kernels), norms: new Map(norms), ...(scale && { scale }) };
}

function trainedNorm(store: ParameterStore, names: NormNames): TrainedNorm {
  const statistics = store.read(names.statistics);
  const channels = statistics.length / 2;
  return {
    gamma: store.read(names.gamma),
    beta: store.read(names.beta),
    mean: statistics.slice(0, channels),
    variance: statistics.slice(channels),
  };
}
