import type * as tf from '@tensorflow/tfjs-core';
import { tensorflow } from '../autodiff/engine.js';
import { replays } from '../backend.js';
import { addOperation, runIsolated } from './operation.js';
import { Program } from './program.js';
import { Recorder, Shared } from './recorder.js';
import { type Recording, sameRecording } from './recording.js';

/** Number of passes to remember, and of recordings of a pass that differs every time. */
const MOST = { passes: 2 ** 9, tries: 3 };
/** Runs of a pass before it is recorded: many branch sets of a supernet come only a few times. */
const SELDOM = 4;

/** State of a pass: its last recording, and its program once two recordings agree. */
interface Known {
  readonly recording?: Recording | undefined;
  readonly program?: Program | undefined;
  readonly tries: number;
  /** Runs without a recording. */
  readonly times: number;
}

/**
 * Runs differentiable functions as one operation each, and replays them. The kernels that a function runs, forward and
 * backward, are recorded twice, after a few runs; if both recordings agree, only the kernels run from then on. Results
 * are the same to the last bit, because the kernels, their inputs and their order are. The saving per kernel is about
 * the time of a small kernel.
 */
export class Passes {
  readonly #known = new Map<string, Known>();
  readonly #shared = new Shared();

  /**
   * Returns `f()`, which must be the same function of the inputs (variables and other tensors) for the same key. It may
   * read no other tensor that changes between runs, except untrained variables, and must not read values. Outside a
   * gradient, and on a backend that did not register, it just runs.
   * @throws Error if it reads a trained variable that is not an input.
   */
  run<Result extends tf.Tensor>(key: string, inputs: readonly tf.Tensor[], f: () => Result): Result {
    const { state, backendName } = tensorflow();
    if (state.gradientDepth === 0 || state.profiling || !replays(backendName)) return f();
    const { recording: before, program, tries, times } = this.#recall(key);
    if (program?.runs) return replay(program, inputs) as Result;
    if (times < SELDOM || tries === MOST.tries) {
      this.#known.set(key, { tries, times: times + 1 });
      return runIsolated(inputs, f);
    }
    const recorder = new Recorder(inputs, this.#shared);
    return runIsolated(inputs, f, recorder, (wanted, found) => {
      const recording = recorder.finished(wanted, found);
      const isSame = before !== undefined && recording !== undefined && sameRecording(before, recording);
      this.#known.set(
        key,
        isSame ? { program: new Program(recording), tries: 0, times } : { recording, tries: tries + 1, times },
      );
    });
  }

  /** Returns the state of a pass, and forgets the passes that have not run for longest. */
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

function replay(program: Program, inputs: readonly tf.Tensor[]): tf.Tensor {
  const { result, frame } = program.forward(inputs);
  addOperation(inputs, result, [frame], (dy, wanted) => program.backward(frame, dy, wanted));
  return result;
}
