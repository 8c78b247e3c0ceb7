import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

/** What somebody does who has a model and TensorFlow.js, and nothing of ours. */
const PROGRAM = `
  import * as tf from '@tensorflow/tfjs-core';
  import '@tensorflow/tfjs-backend-cpu';
  import { loadLayersModel } from '@tensorflow/tfjs-layers';
  const [url, input] = process.argv.slice(1);
  const { shape, data } = JSON.parse(input);
  await tf.setBackend('cpu');
  const model = await loadLayersModel(url);
  const output = model.predict(tf.tensor(data, shape));
  const weights = model.countParams();
  console.log(JSON.stringify({ shape: output.shape, data: [...output.dataSync()], weights, metadata: model.getUserDefinedMetadata() }));`;

export interface PlainResult {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly weights: number;
  readonly metadata: unknown;
}

/** Serves the files, has another process load and run them, and gives back what came out. */
export async function runInPlainTfjs(
  files: ReadonlyMap<string, Uint8Array>,
  images: Float32Array,
  shape: readonly number[],
): Promise<PlainResult> {
  const server = createServer((request, response) => {
    const file = files.get((request.url ?? '').slice(1));
    response.writeHead(file ? 200 : 404, {
      'content-type': request.url?.endsWith('.json') ? 'application/json' : 'application/octet-stream',
    });
    response.end(file);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`;
    const input = JSON.stringify({ shape, data: [...images] });
    const options = { maxBuffer: 2 ** 26 };
    const argv = ['--input-type=module', '-e', PROGRAM, url, input];
    const { stdout } = await promisify(execFile)(process.execPath, argv, options);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as PlainResult;
  } finally {
    server.close();
  }
}
