import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serveFiles } from '../../browser/serve.js';

/** What somebody does who has a model and TensorFlow.js, and nothing of ours. */
const PROGRAM = `
  import * as tf from '@tensorflow/tfjs-core';
  import '@tensorflow/tfjs-backend-cpu';
  import { loadGraphModel } from '@tensorflow/tfjs-converter';
  import { loadLayersModel } from '@tensorflow/tfjs-layers';
  const [url, input] = process.argv.slice(1);
  const { format } = await (await fetch(url)).json();
  const { shape, data } = JSON.parse(input);
  await tf.setBackend('cpu');
  const model = await (format === 'graph-model' ? loadGraphModel : loadLayersModel)(url);
  const output = model.predict(tf.tensor(data, shape));
  const metadata = format === 'graph-model' ? model.metadata : model.getUserDefinedMetadata();
  console.log(JSON.stringify({ shape: output.shape, data: [...output.dataSync()], metadata }));`;

export interface PlainResult {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly metadata: unknown;
}

/** Serves the files, has another process load and run them, and gives back what came out. */
export async function runInPlainTfjs(
  files: ReadonlyMap<string, Uint8Array>,
  images: Float32Array,
  shape: readonly number[],
): Promise<PlainResult> {
  const { origin, close } = await serveFiles((path) => files.get(path));
  try {
    const url = `${origin}/model.json`;
    const input = JSON.stringify({ shape, data: [...images] });
    const options = { maxBuffer: 2 ** 26 };
    const argv = ['--input-type=module', '-e', PROGRAM, url, input];
    const { stdout } = await promisify(execFile)(process.execPath, argv, options);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as PlainResult;
  } finally {
    close();
  }
}
