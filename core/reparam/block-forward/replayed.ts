import type * as tf from '@tensorflow/tfjs-core';
import { Passes } from '../../engine/index.js';
import { type BlockForward, type BlockPass, passKeys } from './block-pass.js';

/** Runs blocks, and on engines that support it replays their recorded kernels without the code that chose and ordered them. */
export class ReplayedBlocks {
  readonly #passes = new Passes();
  readonly #keyOf = passKeys();
  readonly #names = new Map<string, readonly string[]>();

  /** Computes a block with this method, which must not change for a block. `others` are parameters that it trains besides its branches'. */
  run(pass: BlockPass, evaluate: BlockForward, others: readonly string[] = []): tf.Tensor4D {
    const { branches, store, x, gates } = pass;
    const key = this.#keyOf(pass);
    let names = this.#names.get(key);
    if (!names) {
      names = [...new Set([...branches.flatMap((branch) => branch.trained()), ...others])];
      this.#names.set(key, names);
    }
    return this.#passes.run(key, [x, gates, ...names.map((name) => store.get(name))], () => evaluate(pass));
  }

  dispose(): void {
    this.#names.clear();
    this.#passes.dispose();
  }
}
