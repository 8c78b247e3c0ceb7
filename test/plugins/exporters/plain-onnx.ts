import * as ort from 'onnxruntime-web';
import type { NetworkGraph } from '../../../core/contracts/index.js';

export interface OnnxResult {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Runs a model file on images `[N, H, W, C]`, one after another. */
export async function runInOnnx(file: Uint8Array, images: Float32Array, graph: NetworkGraph): Promise<OnnxResult> {
  const [height, width, channels] = graph.input;
  const session = await ort.InferenceSession.create(file);
  const count = images.length / (height * width * channels);
  const input = new ort.Tensor('float32', channelsFirst(images, graph.input), [count, channels, height, width]);
  const { inputNames: inputs, outputNames: outputs } = session;
  const output = (await session.run({ [inputs[0] as string]: input }))[outputs[0] as string] as ort.Tensor;
  const result = { inputs, outputs, shape: output.dims, data: Float32Array.from(output.data as Float32Array) };
  await session.release();
  return result;
}

/** `[N, H, W, C]` to `[N, C, H, W]`. */
function channelsFirst(images: Float32Array, [height, width, channels]: NetworkGraph['input']): Float32Array {
  const pixels = height * width;
  return images.map((_, at) => {
    const [image, channel] = [Math.floor(at / (pixels * channels)), Math.floor(at / pixels) % channels];
    return images[(image * pixels + (at % pixels)) * channels + channel] as number;
  });
}
