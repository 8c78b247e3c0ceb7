import * as tf from '@tensorflow/tfjs-core';
import { readBytes } from '../../io/files/index.js';
import { decodeSafetensors, type StoredTensor } from '../../io/formats/safetensors.js';
import type { ExpectedDifference } from '../../reparam/certificate/difference.js';
import { MaxDifference } from '../../reparam/certificate/difference.js';
import type { FusedModel } from '../../reparam/network/fuse.js';
import { largest } from '../../reparam/network/layers.js';
import { RefusedError } from '../../run/errors.js';

/**
 * What the user's own network answers to some images (`--expect`): the only proof that what was folded is that network, since our own
 * reading of a checkpoint is on both sides of any other comparison.
 */
export interface ExpectedAnswers {
  readonly file: string;
  /** `[N, H, W, C]`, as the network reads them. */
  readonly images: Float32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `[N, outputs]`. */
  readonly answers: Float32Array;
}

/** The largest file of answers; some images of a few hundred pixels take a hundredth. */
const LARGEST = 2 ** 30;

/** Reads `x` `[N, C, H, W]` and `y` `[N, outputs]` from a safetensors file. @throws RefusedError saying what was found and what was expected */
export function readExpected(file: string): ExpectedAnswers {
  const { tensors } = decodeSafetensors(readBytes(file, { maxBytes: LARGEST }), file);
  const [x, y] = [floats(tensors.get('x'), 'x', file), floats(tensors.get('y'), 'y', file)];
  const [count = 0, channels = 0, height = 0, width = 0] = x.shape;
  if (x.shape.length !== 4 || y.shape[0] !== count || count === 0)
    throw new RefusedError(
      `${file}: x has shape [${x.shape}] and y [${y.shape}]; expected images [N, C, H, W] and an answer to each, [N, outputs]`,
    );
  const images = new Float32Array(x.values.length);
  const pixels = height * width;
  for (let image = 0; image < count; image++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++)
        images[(image * pixels + pixel) * channels + channel] = x.values[
          (image * channels + channel) * pixels + pixel
        ] as number;
    }
  }
  return { file, images, count, height, width, channels, answers: y.values };
}

function floats(tensor: StoredTensor | undefined, name: string, file: string) {
  const values = tensor && Float32Array.from(tensor.values, Number);
  if (!tensor || !values?.every(Number.isFinite))
    throw new RefusedError(
      `${file}: ${tensor ? `'${name}' holds what are no numbers` : `there is no '${name}'`}; expected images x and answers y, float32`,
    );
  return { shape: tensor.shape, values };
}

/** How far a folded network is from the answers. @throws RefusedError when it reads other images, or gives another number of them */
export function compareExpected(model: FusedModel, expected: ExpectedAnswers): ExpectedDifference {
  const { file, images, count, height, width, channels, answers } = expected;
  const { input } = model.network.graph;
  if (channels !== input[2])
    throw new RefusedError(`${file}: the images have ${channels} channels; the network reads ${input[2]}`);
  const found = tf.tidy(
    () => model.infer(tf.tensor4d(images, [count, height, width, channels])).dataSync() as Float32Array,
  );
  if (found.length !== answers.length)
    throw new RefusedError(
      `${file}: there are ${answers.length / count} answers to each image; the network gives ${found.length / count}`,
    );
  const running = new MaxDifference();
  running.add(answers, found);
  const outputs = answers.length / count;
  const row = (values: Float32Array, image: number) => values.subarray(image * outputs, (image + 1) * outputs);
  const same = Array.from({ length: count }, (_, image) => largest(row(answers, image)) === largest(row(found, image)));
  return { file, images: count, argmaxAgreement: same.filter(Boolean).length / count, ...running.difference() };
}
