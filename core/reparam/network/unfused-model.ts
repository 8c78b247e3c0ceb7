import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode } from '../../contracts/network.js';
import { affineSum, convolve, convolveBiased } from '../../engine/index.js';
import { branchScope, type Convolve, type Normalise, plainMap } from '../interpreters/images.js';
import type { Branch } from './branch.js';
import { readDense } from './layers.js';
import { execute } from './execute.js';
import { inferenceAffine, inferenceNormaliseWith, noNormalise } from './norm.js';
import type { Supernet } from './supernet.js';

// The multi-branch network as one would deploy it without folding: its numbers are constants, batch-norms are a scale and a
// shift, and its convolutions run on the same kernel as those of FusedModel. This is the form that latency is measured in, so
// that what folding gains is not mixed with what constants gain. Supernet.infer, which reads the parameters as they are between
// two training steps, is what accuracy and certificates are taken with.

/** A block's numbers. `shift` is set by the first pass, since inner batch-norms add constants that only the ops know. */
interface Prepared {
  readonly branches: readonly Branch[];
  readonly scales: readonly tf.Tensor1D[];
  shift?: tf.Tensor1D;
}

/** A trained multi-branch network, ready for inference. Create it after training: it is not kept up to date with the parameters. */
export class UnfusedModel {
  readonly #supernet: Supernet;
  readonly #held: tf.Tensor[] = [];
  readonly #blocks = new Map<string, Prepared>();
  readonly #kernels = new Map<string, tf.Tensor4D>();
  readonly #norms = new Map<string, readonly [tf.Tensor1D, tf.Tensor1D]>();
  readonly #zeros = new Map<number, tf.Tensor1D>();

  constructor(supernet: Supernet) {
    this.#supernet = supernet;
    const { blocks, store } = supernet;
    for (const { name } of blocks.nodes) {
      const sumNorm = blocks.sumNorm(name);
      const branches = blocks.branches(name);
      const scales = branches.map((branch) =>
        this.#hold(() =>
          sumNorm
            ? tf.mul<tf.Tensor1D>(store.get(branch.scale), inferenceAffine(store, sumNorm)[0])
            : inferenceAffine(store, branch.normNames('norm'))[0],
        ),
      );
      for (const branch of branches) {
        for (const kernel of branch.kernels.keys())
          this.#kernels.set(
            keyOf(branch, kernel),
            this.#hold(() => tf.clone(branch.kernel(store, kernel))),
          );
        for (const norm of branch.norms.keys()) {
          const affine = tf.tidy(() => inferenceAffine(store, branch.normNames(norm)));
          this.#held.push(...affine.map((tensor) => tf.keep(tensor)));
          this.#norms.set(keyOf(branch, norm), affine);
        }
      }
      this.#blocks.set(name, { branches, scales });
    }
  }

  /** Normalised images `[N, H, W, C]` to logits `[N, classes]`. */
  infer(images: tf.Tensor4D): tf.Tensor2D {
    const { graph, store } = this.#supernet;
    return execute(
      graph,
      images,
      {
        block: (node, x) => this.#block(node, x),
        dense: (name) => readDense(store, { name }),
        dropout: (_, x) => x,
      },
      { inference: true },
    );
  }

  dispose(): void {
    tf.dispose(this.#held);
  }

  #block(node: BlockNode, x: tf.Tensor4D): tf.Tensor4D {
    const prepared = this.#blocks.get(node.name) as Prepared;
    const behindSum = this.#supernet.blocks.sumNorm(node.name);
    const affine = (branch: Branch, norm: string) => this.#norms.get(keyOf(branch, norm)) as [tf.Tensor1D, tf.Tensor1D];
    const normalise: Normalise = behindSum ? noNormalise : inferenceNormaliseWith(affine);
    const input = plainMap(x);
    const maps = prepared.branches.map((branch) => {
      const kernel = (name: string) => this.#kernels.get(keyOf(branch, name)) as tf.Tensor4D;
      return branch.op.forward(input, branchScope(branch, kernel, normalise, { convolve: this.#convolve }));
    });
    prepared.shift ??= this.#hold(() => {
      const { store } = this.#supernet;
      const shifts = maps.map(({ constant }, at) => {
        const branch = prepared.branches[at] as Branch;
        const own: tf.Tensor1D = behindSum ? tf.zeros([node.outChannels]) : affine(branch, 'norm')[1];
        return constant ? tf.add(tf.mul(constant() as tf.Tensor1D, prepared.scales[at] as tf.Tensor1D), own) : own;
      });
      return tf.addN([...shifts, ...(behindSum ? [inferenceAffine(store, behindSum)[1]] : [])]) as tf.Tensor1D;
    });
    const values = maps.map(({ value }) => value as tf.Tensor4D);
    return affineSum(values, [...prepared.scales], prepared.shift, node.activation === 'relu');
  }

  readonly #convolve: Convolve = (x, kernel, attributes) => {
    const { stride, padding, groups, dilation = [1, 1] } = attributes;
    if (dilation[0] * dilation[1] > 1) return convolve(x, kernel, attributes);
    const outputs = kernel.shape[3];
    let zero = this.#zeros.get(outputs);
    if (!zero) {
      zero = this.#hold(() => tf.zeros([outputs]));
      this.#zeros.set(outputs, zero);
    }
    return convolveBiased(x, kernel, zero, { stride, padding, groups, relu: false });
  };

  #hold<T extends tf.Tensor>(make: () => T): T {
    const tensor = tf.keep(tf.tidy(make));
    this.#held.push(tensor);
    return tensor;
  }
}

const keyOf = (branch: Branch, name: string): string => `${branch.block.name}/${branch.name}/${name}`;
