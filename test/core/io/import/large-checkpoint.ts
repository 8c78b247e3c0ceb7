import { closeSync, openSync, writeSync } from 'node:fs';
import type { NetworkGraph } from '../../../../core/contracts/index.js';
import { repvgg } from '../../../../plugins/backbones/repvgg.js';
import { dense, repvggBlock } from './checkpoints.js';

type Shapes = Readonly<Record<string, readonly number[]>>;

/** The tensors of a RepVGG as it is trained, by the official repository's names and at its real widths. */
export function repvggShapes(variant: string): Shapes {
  const graph: NetworkGraph = repvgg.build([224, 224, 3], 1000, repvgg.options.parse({ variant }));
  const blocks = graph.nodes.flatMap((node) => {
    if (node.kind !== 'block') return [];
    const { name, inChannels, outChannels, groups, stride } = node;
    const [, stage, index] = /^stage(\d)\.block(\d+)$/.exec(name) ?? [];
    const official = stage === '0' ? 'stage0' : `stage${stage}.${index}`;
    const identity = stride === 1 && inChannels === outChannels;
    return Object.entries(repvggBlock(official, inChannels / groups, outChannels, { identity }));
  });
  const last = graph.nodes.at(-1);
  return { ...Object.fromEntries(blocks), ...dense('linear', last?.kind === 'dense' ? last.inputs : 0, 1000) };
}

/** Writes a safetensors file of random numbers, tensor by tensor: kernels that keep activations near one, batch-norms that matter. */
export function writeRandomSafetensors(path: string, shapes: Shapes): void {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const begin = end;
    end += 4 * size(shape);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const head = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8));
  json.copy(head, 8);
  const file = openSync(path, 'w');
  const uniform = generator();
  writeSync(file, head);
  for (const [name, shape] of Object.entries(shapes)) {
    const values = new Float32Array(size(shape));
    const [from, width] = rangeOf(name, shape);
    for (let at = 0; at < values.length; at++) values[at] = from + width * uniform();
    writeSync(file, new Uint8Array(values.buffer));
  }
  closeSync(file);
}

/** Lowest value, and how far the highest lies above it. */
function rangeOf(name: string, shape: readonly number[]): readonly [number, number] {
  if (name.endsWith('running_var')) return [0.5, 1];
  if (/(bn|identity)\.weight$/.test(name)) return [0.3, 0.4];
  if (shape.length < 2) return [-0.1, 0.2];
  const bound = Math.sqrt(6 / size(shape.slice(1)));
  return [-bound, 2 * bound];
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Marsaglia's xorshift32: a hundred million numbers in half a second. */
function generator(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
