import * as tf from '@tensorflow/tfjs-core';
import { backward, disposeAll } from '../autodiff/backward.js';
import { type TapeNode, tensorflow } from '../autodiff/engine.js';
import { withListener } from '../kernel-listener.js';
import type { Recorder } from './recorder.js';

type Found = readonly (tf.Tensor | undefined)[];

/** Runs a function as one operation, on its own tape, which the operation's gradient runs backwards. */
export function runIsolated<Result extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  f: () => Result,
  recorder?: Recorder,
  finished?: (wanted: readonly number[], found: Found) => void,
): Result {
  const { nodes, result } = onOwnTape(inputs, () => recorded(recorder, () => tf.tidy(f)));
  recorder?.turned(result);
  const { id } = result;
  const saved = nodes.flatMap((node) => node.saved);
  addOperation(inputs, result, saved, (dy, wanted) => {
    recorder?.began(dy);
    const watched = wanted.map((input) => inputs[input] as tf.Tensor);
    const found = recorded(recorder, () => backward(nodes, { id }, dy, watched));
    finished?.(wanted, found);
    return found;
  });
  return result;
}

/** Puts an operation on the tape. Its gradient takes ownership of dy and returns the gradients of the wanted inputs. */
export function addOperation(
  inputs: readonly tf.Tensor[],
  result: tf.Tensor,
  saved: TapeNode['saved'],
  gradients: (dy: tf.Tensor, wanted: readonly number[]) => Found,
): void {
  const { state } = tensorflow();
  state.activeTape?.push({
    id: state.nextTapeNodeId++,
    kernelName: 'a pass',
    inputs: inputs as unknown as TapeNode['inputs'],
    outputs: [result],
    saved,
    gradient: ([dy], names) => {
      const found = gradients(dy as tf.Tensor, names.map(Number));
      return Object.fromEntries(names.map((name, index) => [name, () => found[index]]));
    },
  });
}

function onOwnTape<Result>(
  inputs: readonly tf.Tensor[],
  f: () => Result,
): { readonly nodes: readonly TapeNode[]; readonly result: Result } {
  const { state } = tensorflow();
  const outer = state.activeTape;
  const nodes: TapeNode[] = [];
  state.activeTape = nodes;
  try {
    const result = f();
    checkVariables(nodes, inputs);
    return { nodes, result };
  } catch (error) {
    for (const { saved } of nodes) disposeAll(saved);
    throw error;
  } finally {
    state.activeTape = outer;
  }
}

/** A trained variable that is no input would get no gradient. */
function checkVariables(nodes: readonly TapeNode[], inputs: readonly tf.Tensor[]): void {
  for (const { inputs: read } of nodes)
    for (const name in read) {
      const tensor = read[name];
      if (tensor instanceof tf.Variable && tensor.trainable && !inputs.includes(tensor))
        throw new Error(`a pass reads variable ${tensor.name}, which is not among its inputs`);
    }
}

/**
 * Reports TensorFlow.js' own operations to a recorder too, and refuses the recording if something runs that is no
 * kernel, or if values are read.
 */
function recorded<Result>(recorder: Recorder | undefined, work: () => Result): Result {
  if (!recorder) return work();
  const engine = tensorflow();
  const { runKernel, runKernelFunc, read, readSync } = engine;
  engine.runKernel = (name, inputs, attributes) => {
    const made = runKernel.call(engine, name, inputs, attributes);
    const outputs = Array.isArray(made) ? made : [made];
    if (engine.state.kernelDepth === 0) recorder.ran({ name, inputs, attributes, outputs, isComposed: false });
    return made;
  };
  engine.runKernelFunc = (call) => {
    if (call.kernelName === undefined) recorder.refuse();
    return runKernelFunc.call(engine, call);
  };
  engine.read = (dataId) => {
    recorder.refuse();
    return read.call(engine, dataId);
  };
  engine.readSync = (dataId) => {
    recorder.refuse();
    return readSync.call(engine, dataId);
  };
  try {
    return withListener(recorder, work);
  } finally {
    Object.assign(engine, { runKernel, runKernelFunc, read, readSync });
  }
}
