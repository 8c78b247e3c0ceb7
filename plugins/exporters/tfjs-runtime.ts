import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { OpenModel } from '../../core/contracts/index.js';
import { readBytes, readJson } from '../../core/files/index.js';

/** A model folder in TensorFlow.js itself, on the engine that is started. */
export async function openInTfjs(folder: string): Promise<OpenModel> {
  const described = readJson(join(folder, 'model.json'), { maxBytes: 2 ** 28 }) as tf.io.ModelJSON;
  const handler: tf.io.IOHandler = {
    load: () => tf.io.getModelArtifactsForJSON(described, (manifest) => readWeights(folder, manifest)),
  };
  const { model, program } = await load(described, handler);
  return {
    program: `${program} on ${tf.getBackend()}`,
    infer: async (images, shape) => {
      const logits = tf.tidy(() => model.predict(tf.tensor4d(images, [...shape])) as tf.Tensor);
      const values = (await logits.data()) as Float32Array;
      logits.dispose();
      return values;
    },
    close: async () => void model.dispose(),
  };
}

async function load({ format }: tf.io.ModelJSON, handler: tf.io.IOHandler) {
  if (format === 'graph-model') {
    const { loadGraphModel, version_converter } = await import('@tensorflow/tfjs-converter');
    return { model: await loadGraphModel(handler), program: `tfjs-converter ${version_converter}` };
  }
  const { loadLayersModel, version_layers } = await import('@tensorflow/tfjs-layers');
  return { model: await loadLayersModel(handler), program: `tfjs-layers ${version_layers}` };
}

async function readWeights(
  folder: string,
  manifest: tf.io.WeightsManifestConfig,
): Promise<[tf.io.WeightsManifestEntry[], ArrayBuffer]> {
  const files = manifest.flatMap(({ paths }) => paths).map((path) => readBytes(join(folder, path)));
  const bytes = Buffer.concat(files);
  return [
    manifest.flatMap(({ weights }) => weights),
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  ];
}
