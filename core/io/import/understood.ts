import type { FactsByName } from '../formats/module-facts.js';
import type { Placed } from './graph-writer.js';
import type { BlockPlan } from './recognise.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * Where a file holds a network's modules, every one of them must be a part that is understood: a pooling, an attention or an activation
 * without weights leaves no tensor behind that would tell of it.
 */

/** Modules that hand their input on when a network is used, or that the head of every network here has. */
const HARMLESS =
  /^(?:Identity|Dropout\w*|DropPath|StochasticDepth|Flatten|AdaptiveAvgPool2d|GlobalAveragePooling|SelectAdaptivePool2d|FastAdaptiveAvgPool\w*|Sequential|ModuleList|ModuleDict|\w*Loss\w*|QuantStub|DeQuantStub)$/;

const ACTIVATION = /^(?:ReLU6?|SiLU|Hardswish|GELU|Swish|HSwish)$/;

/** Within squeeze and excitation, what is computed here. */
const OF_GATE = /^(?:Conv2d|Linear|ReLU|Sigmoid|AdaptiveAvgPool2d|Identity|Sequential|ConvModule)$/;

/** @throws Error naming the module that is not understood, and its class */
export function refuseUnknownModules(facts: FactsByName, blocks: readonly BlockPlan[], { dense }: Placed): void {
  const used = new Set([
    ...blocks.flatMap(({ branches, closing = '' }) => [
      closing,
      ...branches.flatMap(({ layers }) => layers.flatMap(holders)),
    ]),
    ...[...dense.values()].map(({ name }) => name),
  ]);
  const parents = new Set([...facts.keys()].map((name) => name.slice(0, Math.max(0, name.lastIndexOf('.')))));
  const ofBlocks = new Set(blocks.map(({ name }) => name));
  for (const [name, { type }] of facts) {
    if (name === '' || used.has(name) || parents.has(name) || HARMLESS.test(type)) continue;
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const inBlock = [...ofBlocks].find((block) => name.startsWith(`${block}.`));
    if (ACTIVATION.test(type) && inBlock === parent) continue;
    // A block in a Sequential of its own has its activation beside it, as ACNet's.
    if (ACTIVATION.test(type) && [...ofBlocks].some((block) => block.startsWith(`${parent}.`))) continue;
    if (OF_GATE.test(type) && /(?:^|\.)(?:se|attn|se_layer)\./.test(name)) continue;
    throw new CheckpointError(
      `module '${name}' is ${type}, which stands in the network and is not understood here (--allow-left-out leaves it out all the same)`,
    );
  }
}

const holders = (layer: BlockPlan['branches'][number]['layers'][number]): string[] =>
  layer === 'average' ? [] : 'norm' in layer ? [layer.norm] : 'convolution' in layer ? [layer.convolution] : [];
