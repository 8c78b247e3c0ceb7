import { z } from 'zod';
import { defineExporter, type FileContent, type FileParts, type FusedNetwork } from '../../core/contracts/index.js';
import { bytesOf } from '../../core/io/formats/dtype.js';
import type { NamedWeight } from './named-weight.js';
import { graphOf } from './tfjs-graph.js';
import { layersOf } from './tfjs-layers.js';
import { openInTfjs } from './tfjs-runtime.js';

/** What browsers cache a file up to, and the converter's own shard size. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * A TensorFlow.js model: `model.json` and weights in shards of at most 4 MiB, which `tf.loadLayersModel` or `tf.loadGraphModel`
 * loads without this package. It reads normalised images `[N, H, W, C]` and gives logits. Grouped convolutions become ones without
 * groups (TensorFlow.js has none), except depthwise ones.
 */
export const tfjs = defineExporter({
  name: 'tfjs',
  summary: 'TensorFlow.js LayersModel or GraphModel: model.json and weights',
  options: z.strictObject({
    model: z
      .enum(['layers', 'graph'])
      .default('layers')
      .describe('layers: can be trained on, needs tfjs-layers; graph: for inference, needs the smaller tfjs-converter'),
  }),
  export: async (network, { model }) => {
    const { topology, weights } = model === 'layers' ? layersModel(network) : graphModel(network);
    const shards = shardsOf(weights);
    const paths = shards.map((_, index) => `group1-shard${index + 1}of${shards.length}.bin`);
    const described = weights.map(({ name, shape, values }) => ({
      name,
      shape,
      dtype: values instanceof Int32Array ? 'int32' : 'float32',
    }));
    const json = JSON.stringify({ ...topology, weightsManifest: [{ paths, weights: described }] });
    const files = new Map<string, FileContent>([['model.json', json]]);
    for (const [index, path] of paths.entries()) files.set(path, shards[index] as FileParts);
    return files;
  },
  open: (folder) => openInTfjs(folder),
});

/** What both formats say of a model (https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts, `ModelJSON`). */
interface Described {
  readonly topology: Readonly<Record<string, unknown>>;
  readonly weights: readonly NamedWeight[];
}

function layersModel(network: FusedNetwork): Described {
  const { layers, weights, input, output } = layersOf(network);
  const modelTopology = {
    class_name: 'Model',
    config: { name: 'repnas', layers, input_layers: [[input, 0, 0]], output_layers: [[output, 0, 0]] },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
  const format = { format: 'layers-model', generatedBy: 'repnas', convertedBy: null };
  return { topology: { ...format, modelTopology, userDefinedMetadata: network.metadata }, weights };
}

function graphModel(network: FusedNetwork): Described {
  const { nodes, weights, input, output } = graphOf(network);
  const tensor = (name: string, shape: readonly number[]) => ({
    name: `${name}:0`,
    dtype: 'DT_FLOAT',
    tensorShape: { dim: [-1, ...shape].map((size) => ({ size: String(size) })) },
  });
  const signature = {
    inputs: { [input]: tensor(input, network.graph.input) },
    outputs: { [output]: tensor(output, [network.graph.classes]) },
  };
  const format = { format: 'graph-model', generatedBy: 'repnas', convertedBy: null };
  // 1.15's consumers know every operation in use here.
  const modelTopology = { node: nodes, library: {}, versions: { producer: 440, minConsumer: 12 } };
  return { topology: { ...format, signature, modelTopology, userDefinedMetadata: network.metadata }, weights };
}

/** All weights one after another, cut into pieces; nothing is copied. */
function shardsOf(weights: readonly NamedWeight[]): FileParts[] {
  const shards: { byteLength: number; readonly pieces: Uint8Array[] }[] = [];
  for (const { values } of weights) {
    const bytes = bytesOf(values);
    for (let at = 0; at < bytes.length; ) {
      if ((shards.at(-1)?.byteLength ?? SHARD_BYTES) === SHARD_BYTES) shards.push({ byteLength: 0, pieces: [] });
      const shard = shards[shards.length - 1] as (typeof shards)[number];
      const piece = bytes.subarray(at, at + SHARD_BYTES - shard.byteLength);
      shard.pieces.push(piece);
      shard.byteLength += piece.length;
      at += piece.length;
    }
  }
  return shards.map(({ byteLength, pieces }) => ({ byteLength, parts: () => pieces }));
}
