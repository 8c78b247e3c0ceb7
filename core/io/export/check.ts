import * as tf from '@tensorflow/tfjs-core';
import type { ExportCheck, ExportChecked, Exporter, OpenModel, Unavailable } from '../../contracts/exporter.js';
import type { Chosen } from '../../contracts/part.js';
import { type Difference, MaxDifference } from '../../reparam/certificate/difference.js';
import type { FusedModel } from '../../reparam/network/fuse.js';
import { largest } from '../../reparam/network/layers.js';
import { ExportError } from './error.js';

/** Largest relative difference between the logits of a network and of what was exported. */
const TOLERANCE = 1e-4;

export interface CheckImages {
  readonly images: Float32Array;
  /** How many. */
  readonly size: number;
  /** Default: what the network is for. */
  readonly height?: number;
  readonly width?: number;
}

export interface CheckPlan {
  readonly exporter: Chosen<Exporter>;
  /** Where its files lie. */
  readonly folder: string;
  readonly model: FusedModel;
  /** Normalised images to compare answers on. */
  images(): AsyncIterable<CheckImages>;
  /** Whether they are random numbers. @default false */
  readonly random?: boolean;
  /** Share of the test images that anything names rightly, and the fused network's own; absent where there are none with labels. */
  readonly accuracy?: { of(infer: OpenModel['infer']): Promise<number>; readonly fused: number };
}

/**
 * Runs an export in a program that it is meant for, on images, and compares the answers with those of the fused network.
 *
 * @throws ExportError when they differ, or when numbers were rounded and nothing can tell what that costs
 */
export async function checkExport(plan: CheckPlan): Promise<ExportChecked> {
  const { exporter, folder, model } = plan;
  const { definition, options } = exporter;
  const rounds = definition.rounds?.(options) ?? false;
  const opened: OpenModel | Unavailable = (await definition.open?.(folder, options)) ?? {
    unavailable: 'the exporter knows no program that reads it',
  };
  if ('unavailable' in opened) {
    if (rounds)
      throw new ExportError(
        `exporter ${definition.name}: rounded numbers cost accuracy, and it cannot be measured here: ${opened.unavailable}`,
      );
    return { unchecked: opened.unavailable };
  }
  try {
    const found = await compare(opened, model, plan.images());
    const compared = plan.random ? { ...found, randomImages: true } : found;
    if (rounds) return { check: { ...compared, ...(await accuracyLost(plan, opened)) } };
    refuseOther(definition.name, compared);
    return { check: compared };
  } finally {
    await opened.close();
  }
}

async function compare(
  opened: OpenModel,
  model: FusedModel,
  batches: AsyncIterable<CheckImages>,
): Promise<ExportCheck> {
  const running = new MaxDifference();
  const [full, wide, channels] = model.network.graph.input;
  let images = 0;
  let agreed = 0;
  for await (const { images: values, size, height = full, width = wide } of batches) {
    const expected = tf.tidy(() => {
      const logits = model.infer(tf.tensor4d(values, [size, height, width, channels]));
      return logits.dataSync() as Float32Array;
    });
    const found = await opened.infer(values, [size, height, width, channels]);
    running.add(expected, found);
    agreed += sameClasses(expected, found, size);
    images += size;
  }
  const { maxDifference, relativeError }: Difference = running.difference();
  return { program: opened.program, images, maxDifference, relativeError, argmaxAgreement: agreed / images };
}

function sameClasses(expected: Float32Array, found: Float32Array, count: number): number {
  const classes = expected.length / count;
  let same = 0;
  for (let image = 0; image < count; image++) {
    const row = (values: Float32Array) => values.subarray(image * classes, (image + 1) * classes);
    if (largest(row(expected)) === largest(row(found))) same++;
  }
  return same;
}

function refuseOther(format: string, { program, images, relativeError, argmaxAgreement }: ExportCheck): void {
  if (relativeError <= TOLERANCE && argmaxAgreement === 1) return;
  throw new ExportError(
    `exporter ${format}: ${program} computes something else: relative error ${relativeError.toExponential(2)}, allowed ${TOLERANCE}; the same class for ${Math.round(argmaxAgreement * images)} of ${images} images, expected all`,
  );
}

async function accuracyLost({ accuracy, exporter }: CheckPlan, opened: OpenModel) {
  if (!accuracy)
    throw new ExportError(
      `exporter ${exporter.definition.name}: rounded numbers cost accuracy, and there are no images with labels of its classes to measure it on; export a finished run, or give such images (--data) with a checkpoint`,
    );
  const left = await accuracy.of((images, shape) => opened.infer(images, shape));
  return { accuracy: left, accuracyLost: accuracy.fused - left };
}
