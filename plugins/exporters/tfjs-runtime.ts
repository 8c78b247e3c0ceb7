import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { OpenModel, Unavailable } from '../../core/contracts/index.js';
import { FileError, pathInside, readBytes, readJson } from '../../core/io/files/index.js';
import { wrongDescription } from './tfjs-description.js';

/** A description holds no numbers: a thousand layers have some hundred kilobytes. */
const MAX_BYTES = 2 ** 26;

/**
 * A model folder in TensorFlow.js itself, on the engine that is started.
 *
 * @throws FileError naming the file that is missing, is no model that TensorFlow.js can load, or names weights outside its folder.
 */
export async function openInTfjs(folder: string): Promise<OpenModel | Unavailable> {
  const path = join(folder, 'model.json');
  const described = readJson(path, { maxBytes: MAX_BYTES });
  const wrong = wrongDescription(described);
  if (wrong) throw new FileError(path, `is no model that this package writes: ${wrong}`);
  const loaded = await load(described as tf.io.ModelJSON, folder).catch((error: unknown) => {
    if (error instanceof FileError) throw error;
    throw new FileError(path, `is no model that TensorFlow.js can load: ${(error as Error).message}`, { cause: error });
  });
  if (!('model' in loaded)) return loaded;
  const { model, program } = loaded;
  return {
    program: `${program} on ${tf.getBackend()}`,
    ...imageOf(model.inputs[0]?.shape),
    infer: async (images, shape) => {
      const logits = tf.tidy(() => model.predict(tf.tensor4d(images, [...shape])) as tf.Tensor);
      const values = (await logits.data()) as Float32Array;
      logits.dispose();
      return values;
    },
    close: async () => void model.dispose(),
  };
}

interface Loaded {
  readonly model: {
    readonly inputs: readonly { readonly shape?: readonly (number | null)[] }[];
    predict(x: tf.Tensor): unknown;
    dispose(): unknown;
  };
  readonly program: string;
}

async function load(described: tf.io.ModelJSON, folder: string): Promise<Loaded | Unavailable> {
  const handler: tf.io.IOHandler = {
    load: () => tf.io.getModelArtifactsForJSON(described, (manifest) => readWeights(folder, manifest)),
  };
  if (described.format === 'graph-model') {
    const converter = await importConverter();
    if (!converter) return { unavailable: `${CONVERTER} is not installed; npm install ${CONVERTER}` };
    const { loadGraphModel, version_converter } = converter;
    return { model: await loadGraphModel(handler), program: `tfjs-converter ${version_converter}` };
  }
  const { loadLayersModel, version_layers } = await import('@tensorflow/tfjs-layers');
  return { model: await loadLayersModel(handler), program: `tfjs-layers ${version_layers}` };
}

function imageOf(shape: readonly (number | null)[] | undefined) {
  const [height, width, channels] = shape?.slice(1) ?? [];
  return height && width && channels ? { image: [height, width, channels] as const } : {};
}

const CONVERTER = '@tensorflow/tfjs-converter';

/** What reads graph models, which people install beside this package. */
async function importConverter(): Promise<typeof import('@tensorflow/tfjs-converter') | undefined> {
  try {
    return await import('@tensorflow/tfjs-converter');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function readWeights(
  folder: string,
  manifest: tf.io.WeightsManifestConfig,
): Promise<[tf.io.WeightsManifestEntry[], ArrayBuffer]> {
  const files = manifest.flatMap(({ paths }) => paths).map((path) => readBytes(pathInside(folder, ...path.split('/'))));
  const bytes = Buffer.concat(files);
  return [
    manifest.flatMap(({ weights }) => weights),
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  ];
}
