import { z } from 'zod';
import { defineExporter, type FileContent, type FileParts, type FusedNetwork } from '../../core/contracts/index.js';
import { bytesOf } from '../../core/formats/dtype.js';
import { openInTfjs } from './tfjs-runtime.js';
import { type LayersGraph, layersOf, type NamedWeight } from './tfjs-layers.js';

/** What browsers cache a file up to, and the converter's own shard size. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * A TensorFlow.js LayersModel: `model.json` and weights in shards of at most 4 MiB, which `tf.loadLayersModel` loads without this
 * package. It reads normalised images `[N, H, W, C]` and gives logits. Grouped convolutions become ones without groups (Keras'
 * layers have none), except depthwise ones.
 */
export const tfjs = defineExporter({
  name: 'tfjs',
  summary: 'TensorFlow.js LayersModel: model.json and weights',
  options: z.strictObject({}),
  export: async (network) => {
    const graph = layersOf(network);
    const shards = shardsOf(graph.weights);
    const names = shards.map((_, index) => `group1-shard${index + 1}of${shards.length}.bin`);
    const model = JSON.stringify(modelOf(network, graph, names));
    const files = new Map<string, FileContent>([['model.json', new TextEncoder().encode(model)]]);
    for (const [index, name] of names.entries()) files.set(name, shards[index] as FileParts);
    return files;
  },
  open: openInTfjs,
});

/** https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts, `ModelJSON` */
function modelOf(
  { metadata }: FusedNetwork,
  { layers, weights, input, output }: LayersGraph,
  paths: readonly string[],
) {
  return {
    format: 'layers-model',
    generatedBy: 'repnas',
    convertedBy: null,
    modelTopology: {
      class_name: 'Model',
      config: { name: 'repnas', layers, input_layers: [[input, 0, 0]], output_layers: [[output, 0, 0]] },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths, weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
    userDefinedMetadata: metadata,
  };
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
