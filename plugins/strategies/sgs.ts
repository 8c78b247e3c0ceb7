import { z } from 'zod';
import { defineStrategy, type Probe, type StrategyContext, type StrategySession } from '../../core/contracts/index.js';
import { PLAIN } from './architecture.js';
import { fixedArchitecture, fixedSession } from './fixed.js';
import { onePhase } from './phases.js';
import { ImageSample } from './image-sample.js';
import { tapDependence } from './tap-dependence.js';

// k and interval: released code (Ascend-Research/Reparameterization) on CIFAR; on ImageNet every 5 epochs, the diagonal left out.
const options = z.strictObject({
  k: z
    .number()
    .positive()
    .default(5)
    .describe('contrast of the mutual information: k·I / ((k − 1)·I + 1), I normalised; larger is flatter'),
  interval: z.int().positive().default(30).describe('epochs between measurements'),
  diagonal: z
    .enum(['kept', 'removed'])
    .default('kept')
    .describe(
      'of the joint histogram of two pixels: removed, pairs in one bin, and those with a zero in them, do not count (the released recipe for ImageNet)',
    ),
  first: z.int().positive().default(1).describe('epochs before the first one; gradients are left alone until then'),
});

type Options = z.output<typeof options>;

/**
 * Spatial gradient scaling (arXiv 2303.02733): the plain network, but the gradient of each tap of a kernel is scaled by how much
 * the pixel it reads has to do with the middle one, the mean of the scales being 1. Branches would scale it too (lemma 1).
 */
export const sgs = defineStrategy({
  name: 'sgs',
  summary: "the plain network, gradients scaled tap by tap by its images' mutual information (SGS)",
  options,
  usesImportance: false,
  usesBudget: false,
  phases: onePhase,
  start: (context, chosen) => scalingSession(context, chosen),
});

function scalingSession(context: StrategyContext, { k, interval, first, diagonal }: Options): StrategySession {
  const { spaces } = context;
  const blocks = new Map(spaces.map(({ block }) => [`${block}.${PLAIN}.kernel`, block]));
  /** One scale a tap, by block; none for 1x1 blocks and before the first measurement. */
  let scales: ReadonlyMap<string, Float64Array> = new Map();
  /** The scales spread out over the kernel they are for, by its name; made when first asked for. */
  const factors = new Map<string, Float32Array>();
  const replace = (measured: ReadonlyMap<string, Float64Array>): void => {
    scales = measured;
    factors.clear();
  };
  return {
    ...fixedSession(fixedArchitecture(spaces, [PLAIN], 'sgs'), context),
    gradientScale: (parameter, shape) => {
      const taps = scales.get(blocks.get(parameter) ?? '');
      if (!taps) return undefined;
      const known = factors.get(parameter) ?? spreadOut(taps, shape);
      factors.set(parameter, known);
      return known;
    },
    afterEpoch: async ({ epoch }, probe) => {
      const done = epoch + 1;
      if (done === first || (done > first && done % interval === 0))
        replace(await measure(spaces, probe, (sample) => tapDependence(sample, k, diagonal)));
      return undefined;
    },
    save: () => ({ arrays: Object.fromEntries(scales), values: {} }),
    restore: ({ arrays }) =>
      replace(new Map(Object.entries(arrays).map(([name, of]) => [name, Float64Array.from(of)]))),
  };
}

/** The scales of every block's taps, from the images that it reads now. */
async function measure(
  spaces: readonly { readonly block: string }[],
  probe: Probe,
  dependence: (sample: ImageSample) => Float64Array,
): Promise<Map<string, Float64Array>> {
  const wanted = new Set(spaces.map(({ block }) => block));
  const samples = new Map<string, ImageSample>();
  await probe.observe(({ name, kernelSize }, images) => {
    if (!wanted.has(name) || kernelSize === 1) return;
    const sample = samples.get(name) ?? new ImageSample(kernelSize);
    samples.set(name, sample.add(images));
  });
  return new Map([...samples].map(([block, sample]) => [block, scalesOf(dependence(sample))]));
}

/** Scales in proportion to the dependence, their mean 1. */
function scalesOf(dependence: Float64Array): Float64Array {
  const mean = dependence.reduce((sum, value) => sum + value, 0) / dependence.length;
  return dependence.map((value) => value / mean);
}

/** `[K²]` to `[K, K, inputs, outputs]`. */
function spreadOut(taps: Float64Array, shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const spread = new Float32Array(size);
  for (const [tap, scale] of taps.entries()) {
    spread.fill(scale, (tap * size) / taps.length, ((tap + 1) * size) / taps.length);
  }
  return spread;
}
