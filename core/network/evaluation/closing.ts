import * as tf from '@tensorflow/tfjs-core';
import { EPSILON } from '../norm.js';
import type { TracedKernel } from './kernel-trace.js';
import type { Patches } from './patches.js';
import { placement, repetition, rowsOf } from './stacking.js';

/** Closing batch-norms and gates of all branches, one row each. */
export interface Closing {
  /** `[B, O]` */
  readonly gamma: tf.Tensor2D;
  readonly beta: tf.Tensor2D;
  /** `[B]` */
  readonly gates: tf.Tensor1D;
}

/** Is told the batch's mean and biased variance of every branch, `[B, O]` each. */
export type ReportMoments = (mean: tf.Tensor2D, variance: tf.Tensor2D) => void;

/**
 * The one convolution that the branches of a block are with this batch's statistics: kernel `[K, K, C, O]` and shift `[O]`. One
 * operation with a gradient of its own, the kernels of all branches stacked: with m and S the first and second moments of the
 * patches, μ = Wm, v = diag(WSWᵀ) − μ², a = zγ/√(v + ε), the kernel is Σ aW and the shift Σ (zβ − aμ).
 */
export function closeByMoments(
  patches: Patches,
  kernels: readonly TracedKernel[],
  closing: Closing,
  size: number,
  report: ReportMoments,
): { kernel: tf.Tensor4D; shift: tf.Tensor1D } {
  const counts = kernels.map(rowsOf);
  const parts = counts.reduce((sum, count) => sum + count, 0);
  const rows = kernels.reduce((sum, { value }) => sum + value.shape[0], 0);
  const outputs = closing.gamma.shape[1];
  const channels = rows / parts;
  const matrices = () => ({
    owners: tf.tensor2d(repetition(counts, channels), [rows, kernels.length]),
    places: tf.tensor2d(placement(kernels, size), [size ** 2, parts]),
    means: tf.tensor2d(
      kernels.flatMap(({ window }) => Array.from(patches.meanAssembly(window))),
      [parts, patches.means.shape[0]],
    ),
  });
  const starts = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0) * channels);
  const part = (all: tf.Tensor2D, index: number): tf.Tensor2D =>
    tf.slice2d(all, [starts[index] ?? 0, 0], [(counts[index] ?? 0) * channels, outputs]);

  const operation = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    const [products, means, gamma, beta, gates, ...own] = given as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor1D,
      ...tf.Tensor2D[],
    ];
    const [value, w, sw, mean, variance, m] = tf.tidy(() => {
      const { owners, places, means: assembly } = matrices();
      const ofBranches = (all: tf.Tensor): tf.Tensor2D => tf.matMul(owners, all as tf.Tensor2D, true, false);
      const sw = tf.concat2d(
        kernels.map(({ window }, index) => {
          const count = counts[index] ?? 0;
          const pairs = tf.matMul(
            tf.tensor2d(patches.secondAssembly(window), [count ** 2, products.shape[0]]),
            products,
          );
          const s = tf.reshape(pairs, [count, count * channels, channels]);
          const wide = tf.reshape(own[index] as tf.Tensor, [1, count * channels, outputs]);
          return tf.reshape(tf.matMul(s, wide, true, false), [count * channels, outputs]) as tf.Tensor2D;
        }),
        0,
      );
      const w = tf.concat2d(own, 0);
      const patch = tf.reshape(tf.matMul(assembly, means), [rows, 1]) as tf.Tensor2D;
      // As the owners, but the mean patch in place of ones.
      const m = tf.mul(owners, tf.matMul(patch, tf.ones([1, kernels.length]))) as tf.Tensor2D;
      const mean = tf.matMul(m, w, true, false);
      // Rounding may leave a little less than nothing.
      const variance = tf.relu(tf.sub(ofBranches(tf.mul(w, sw)), tf.square(mean))) as tf.Tensor2D;
      const gate = tf.reshape(gates, [kernels.length, 1]);
      const a = tf.mul(tf.mul(gamma, gate), tf.rsqrt(tf.add(variance, EPSILON))) as tf.Tensor2D;
      const scaled = tf.reshape(tf.mul(w, tf.matMul(owners, a)), [parts, channels * outputs]);
      const kernel = tf.reshape(tf.matMul(places, scaled), [size ** 2 * channels, outputs]) as tf.Tensor2D;
      const shift = tf.sum(tf.sub(tf.mul(beta, gate), tf.mul(a, mean)), 0, true) as tf.Tensor2D;
      return [tf.concat2d([kernel, shift], 0), w, sw, mean, variance, m];
    }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    tf.tidy(() => report(mean, variance));
    save([w, gamma, beta, gates, sw, mean, variance, m]);
    tf.dispose([w, sw, mean, variance, m]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [w, gamma, beta, gates, sw, mean, variance, m] = saved as [
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor1D,
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
      ];
      const { owners, places, means: assembly } = matrices();
      const ofBranches = (all: tf.Tensor): tf.Tensor2D => tf.matMul(owners, all as tf.Tensor2D, true, false);
      const ofRows = (all: tf.Tensor): tf.Tensor2D => tf.matMul(owners, all as tf.Tensor2D);
      const taps = size ** 2 * channels;
      const dkernel = tf.reshape(tf.slice(dy, [0, 0], [taps, outputs]), [size ** 2, channels * outputs]);
      const dshift = tf.slice(dy, [taps, 0], [1, outputs]);
      const dscaled = tf.reshape(tf.matMul(places, dkernel, true, false), [rows, outputs]);
      const gate = tf.reshape(gates, [kernels.length, 1]) as tf.Tensor2D;
      const inverse = tf.rsqrt(tf.add(variance, EPSILON));
      const a = tf.mul(tf.mul(gamma, gate), inverse);
      const da = tf.sub(ofBranches(tf.mul(w, dscaled)), tf.mul(mean, dshift));
      const normalised = tf.mul(da, inverse);
      // Where rounding left nothing of a variance, nothing flows into it.
      const dvariance = tf.mul(tf.mul(tf.mul(normalised, tf.mul(a, inverse)), -0.5), tf.step(variance));
      const dmean = tf.neg(tf.add(tf.mul(a, dshift), tf.mul(tf.mul(mean, dvariance), 2)));
      const pulled = ofRows(dvariance);
      const shifted = ofRows(dmean);
      const dw = tf.add(
        tf.add(tf.mul(ofRows(a), dscaled), tf.mul(tf.mul(pulled, sw), 2)),
        tf.matMul(m, dmean as tf.Tensor2D),
      );
      const dproducts = kernels.map(({ window }, index) => {
        const count = counts[index] ?? 0;
        const kernel = part(w, index);
        const scaled = tf.reshape(tf.mul(kernel, part(pulled, index)), [1, count * channels, outputs]);
        const ds = tf.matMul(scaled, tf.reshape(kernel, [count, channels, outputs]), false, true);
        const matrix = tf.tensor2d(patches.secondAssembly(window), [count ** 2, patches.products.shape[0]]);
        return tf.matMul(matrix, tf.reshape(ds, [count ** 2, channels ** 2]) as tf.Tensor2D, true, false);
      });
      const dm = tf.reshape(tf.sum(tf.mul(w, shifted), 1), [parts, channels]) as tf.Tensor2D;
      const dgates = tf.sum(tf.add(tf.mul(normalised, gamma), tf.mul(beta, dshift)), 1);
      return [
        tf.addN(dproducts),
        tf.matMul(assembly, dm, true, false),
        tf.mul(normalised, gate),
        tf.matMul(gate, dshift as tf.Tensor2D),
        dgates,
        ...kernels.map((_, index) => part(dw as tf.Tensor2D, index)),
      ];
    };
    return { value, gradFunc };
  });
  const { gamma, beta, gates } = closing;
  const packed = operation(
    patches.products,
    patches.means,
    gamma,
    beta,
    gates,
    ...kernels.map(({ value }) => value),
  ) as tf.Tensor2D;
  const taps = size ** 2 * channels;
  return {
    kernel: tf.reshape(tf.slice2d(packed, [0, 0], [taps, outputs]), [size, size, channels, outputs]) as tf.Tensor4D,
    shift: tf.reshape(tf.slice2d(packed, [taps, 0], [1, outputs]), [outputs]) as tf.Tensor1D,
  };
}
