import type * as tf from '@tensorflow/tfjs-core';
import { Passes } from '../../engine/index.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { passKeys } from './pass-key.js';

/** Blocks whose kernels are run again, where the engine is made for it, without the code that once chose and ordered them. */
export class ReplayedBlocks {
  readonly #passes = new Passes();
  readonly #keyOf = passKeys();
  readonly #names = new Map<string, readonly string[]>();

  /** The block by this evaluation, the same for every pass of a block; `others` are what it trains beside its branches. */
  run(pass: BlockPass, evaluate: BlockEvaluation, others: readonly string[] = []): tf.Tensor4D {
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
