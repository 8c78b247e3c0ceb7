import { z } from 'zod';
import { type CheckpointFamily, defineCheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { BlockPlan, LayerPlan } from './recognise.js';

/** The convolutions with a batch-norm behind that networks have beside blocks of several branches: DBB's `ConvBN`, ACNet's `Conv2dBN`. */
const plain = defineCheckpointFamily({
  name: 'plain',
  summary: 'a convolution and its batch-norm',
  options: z.strictObject({}),
  deployed: 'conv',
  branches: [],
});

/** A batch-norm alone, which is a 1x1 convolution of every channel for itself. */
const norm = defineCheckpointFamily({
  name: 'batch-norm',
  summary: 'a batch-norm alone',
  options: z.strictObject({}),
  deployed: 'bn',
  branches: [],
  inputs: 1,
});

interface Found {
  readonly blocks: readonly BlockPlan[];
  readonly others: readonly string[];
}

/** Finds them among the names that belong to no block; gives what is left. */
export function plainBlocks(names: readonly string[]): Found {
  const all = new Set(names);
  return all.has('last_bn.running_mean') ? preActivated(names) : closedByNorm(names, all);
}

function closedByNorm(names: readonly string[], all: ReadonlySet<string>): Found {
  const stems = names.flatMap((name) => {
    const [, stem] = /^(.+)\.conv\.weight$/.exec(name) ?? [];
    return stem !== undefined && all.has(`${stem}.bn.running_mean`) ? [stem] : [];
  });
  const blocks = stems.map((name) => block(name, plain, { convolution: `${name}.conv` }, { norm: `${name}.bn` }));
  const used = new Set(stems);
  return { blocks, others: names.filter((name) => !used.has(name.replace(/\.(?:conv|bn)\.\w+$/, ''))) };
}

/** ACNet's wide ResNet has its batch-norms before the convolutions, and nothing behind those of 1x1. */
function preActivated(names: readonly string[]): Found {
  const blocks = names.flatMap((name) => {
    const [, normed] = /^(.+\.bn|last_bn)\.running_mean$/.exec(name) ?? [];
    if (normed !== undefined) return [block(normed, norm, { norm: normed })];
    const [, convolved] = /^(.+)\.conv\.weight$/.exec(name) ?? [];
    return convolved === undefined ? [] : [block(convolved, plain, { convolution: `${convolved}.conv` })];
  });
  return { blocks, others: names.filter((name) => !/(?:\.(?:bn|conv)|^last_bn)\.\w+$/.test(name)) };
}

const block = (name: string, family: CheckpointFamily, ...layers: readonly LayerPlan[]): BlockPlan => ({
  name,
  family,
  branches: [{ source: family.deployed, layers }],
});
