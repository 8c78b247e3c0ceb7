import type * as tf from '@tensorflow/tfjs-core';
import { tensorflow } from '../engine.js';
import { Constants } from './constants.js';
import { addOperation, alone } from './operation.js';
import { Program } from './program.js';
import { Recorder } from './recorder.js';
import { sameRecording } from './recording.js';

const backends = new Set<string>();

/** Says that a backend's kernels take descriptions of tensors (`TensorInfo`) and give such, as TensorFlow.js means them to. */
export const registerReplay = (backend: string): void => void backends.add(backend);

/** Passes to remember, and how often one is recorded that comes out another way each time. */
const MOST = { passes: 2 ** 10, tries: 3 };

interface Known {
  readonly program?: Program | undefined;
  /** Whether two recordings came to the same. */
  readonly isSure: boolean;
  readonly tries: number;
}

const SEEN: Known = { isSure: false, tries: 0 };

/**
 * Differentiable functions as one operation each. What kernels a function runs, forward and backward, is written down the second and
 * the third time; where it was the same, they alone are run from then on. The results are the same to the last bit, since kernels,
 * what they read and their order are. What is left out takes as long as a small kernel.
 */
export class Passes {
  readonly #known = new Map<string, Known>();
  readonly #constants = new Constants();

  /**
   * `f()`, which is the same function of the inputs for the same key: variables, and other tensors. It may read no other tensor that
   * changes from one time to the next but variables that are not trained, and may not ask for values. Outside of a gradient, and
   * on a backend that did not register, it just runs.
   * @throws Error where it reads a trained variable that is not among the inputs.
   */
  run<Result extends tf.Tensor>(key: string, inputs: readonly tf.Tensor[], f: () => Result): Result {
    const { state, backendName } = tensorflow();
    if (state.gradientDepth === 0 || state.profiling || !backends.has(backendName)) return f();
    const known = this.#recall(key);
    // Many branches of a supernet meet only once.
    if (!known) return alone(inputs, f);
    const { program: before, isSure, tries } = known;
    if (isSure && before?.runs) return again(before, inputs) as Result;
    if (!isSure && tries >= MOST.tries) return alone(inputs, f);
    const recorder = new Recorder(inputs, this.#constants);
    return alone(inputs, f, recorder, (wanted, found) => {
      const recording = recorder.finished(wanted, found);
      const same = recording !== undefined && before?.runs === true && sameRecording(before.recording, recording);
      const program = recording && new Program(recording);
      this.#known.set(key, { program, isSure: same, tries: isSure ? 0 : tries + 1 });
    });
  }

  /** What is known of a pass; undefined the first time. Those that have not run for longest are forgotten. */
  #recall(key: string): Known | undefined {
    const known = this.#known.get(key);
    this.#known.delete(key);
    this.#known.set(key, known ?? SEEN);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST.passes) break;
      this.#known.delete(oldest);
    }
    return known;
  }

  dispose(): void {
    this.#known.clear();
    this.#constants.dispose();
  }
}

function again(program: Program, inputs: readonly tf.Tensor[]): tf.Tensor {
  const { result, frame } = program.forward(inputs);
  addOperation(inputs, result, [frame], (dy, wanted) => program.backward(frame, dy, wanted));
  return result;
}
