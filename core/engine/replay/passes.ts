import type * as tf from '@tensorflow/tfjs-core';
import { tensorflow } from '../autodiff/engine.js';
import { addOperation, alone } from './operation.js';
import { Program } from './program.js';
import { Recorder } from './recorder.js';
import { type Recording, sameRecording } from './recording.js';
import { Shared } from './shared.js';

const backends = new Set<string>();

/** Says that a backend's kernels take descriptions of tensors (`TensorInfo`) and give such, as TensorFlow.js means them to. */
export const registerReplay = (backend: string): void => void backends.add(backend);

/** Passes to remember, and how often one is recorded that comes out another way each time. */
const MOST = { passes: 2 ** 9, tries: 3 };
/** Times that a pass runs before it is recorded: many sets of a supernet's branches come only a few times. */
const SELDOM = 4;

/** What is known of a pass: how it ran the last time that it was recorded, and how to run it where it ran so twice. */
interface Known {
  readonly recording?: Recording | undefined;
  readonly program?: Program | undefined;
  readonly tries: number;
  /** How often it ran without being recorded. */
  readonly times: number;
}

/**
 * Differentiable functions as one operation each. What kernels a function runs, forward and backward, is written down twice, once it has
 * run a few times; where it was the same, they alone are run from then on. The results are the same to the last bit, since kernels,
 * what they read and their order are. What is left out takes as long as a small kernel.
 */
export class Passes {
  readonly #known = new Map<string, Known>();
  readonly #shared = new Shared();

  /**
   * `f()`, which is the same function of the inputs for the same key: variables, and other tensors. It may read no other tensor that
   * changes from one time to the next but variables that are not trained, and may not ask for values. Outside of a gradient, and
   * on a backend that did not register, it just runs.
   * @throws Error where it reads a trained variable that is not among the inputs.
   */
  run<Result extends tf.Tensor>(key: string, inputs: readonly tf.Tensor[], f: () => Result): Result {
    const { state, backendName } = tensorflow();
    if (state.gradientDepth === 0 || state.profiling || !backends.has(backendName)) return f();
    const { recording: before, program, tries, times } = this.#recall(key);
    if (program?.runs) return again(program, inputs) as Result;
    if (times < SELDOM || tries === MOST.tries) {
      this.#known.set(key, { tries, times: times + 1 });
      return alone(inputs, f);
    }
    const recorder = new Recorder(inputs, this.#shared);
    return alone(inputs, f, recorder, (wanted, found) => {
      const recording = recorder.finished(wanted, found);
      const isSame = before !== undefined && recording !== undefined && sameRecording(before, recording);
      this.#known.set(
        key,
        isSame ? { program: new Program(recording), tries: 0, times } : { recording, tries: tries + 1, times },
      );
    });
  }

  /** What is known of a pass. Those that have not run for longest are forgotten. */
  #recall(key: string): Known {
    const known = this.#known.get(key) ?? { tries: 0, times: 0 };
    this.#known.delete(key);
    this.#known.set(key, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST.passes) break;
      this.#known.delete(oldest);
    }
    return known;
  }

  dispose(): void {
    this.#known.clear();
    this.#shared.dispose();
  }
}

function again(program: Program, inputs: readonly tf.Tensor[]): tf.Tensor {
  const { result, frame } = program.forward(inputs);
  addOperation(inputs, result, [frame], (dy, wanted) => program.backward(frame, dy, wanted));
  return result;
}
