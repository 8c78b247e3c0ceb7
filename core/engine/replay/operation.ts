import * as tf from '@tensorflow/tfjs-core';
import { backward, disposeAll } from '../autodiff/backward.js';
import { type TapeNode, tensorflow } from '../autodiff/engine.js';
import { observed } from '../kernel-observer.js';
import type { Recorder } from './recorder.js';

type Found = readonly (tf.Tensor | undefined)[];

/** A function as one operation: on a tape of its own, which the operation's gradient runs backwards. */
export function alone<Result extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  f: () => Result,
  recorder?: Recorder,
  finished?: (wanted: readonly number[], found: Found) => void,
): Result {
  const { nodes, result } = onOwnTape(inputs, () => told(recorder, () => tf.tidy(f)));
  recorder?.turned(result);
  const { id } = result;
  const saved = nodes.flatMap((node) => node.saved);
  addOperation(inputs, result, saved, (dy, wanted) => {
    recorder?.began(dy);
    const watched = wanted.map((input) => inputs[input] as tf.Tensor);
    const found = told(recorder, () => backward(nodes, { id }, dy, watched));
    finished?.(wanted, found);
    return found;
  });
  return result;
}

/** Puts an operation on the tape. Its gradient takes dy over, and gives those of the inputs at the wanted places. */
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

/** No gradient would come out for one that is not an input. */
function checkVariables(nodes: readonly TapeNode[], inputs: readonly tf.Tensor[]): void {
  for (const { inputs: read } of nodes)
    for (const name in read) {
      const tensor = read[name];
      if (tensor instanceof tf.Variable && tensor.trainable && !inputs.includes(tensor))
        throw new Error(`a pass reads variable ${tensor.name}, which is not among its inputs`);
    }
}

/** Tells a recorder of TensorFlow.js' own operations too, of what runs that is no kernel, and of values that are asked for. */
function told<Result>(recorder: Recorder | undefined, work: () => Result): Result {
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
    return observed(recorder, work);
  } finally {
    Object.assign(engine, { runKernel, runKernelFunc, read, readSync });
  }
}
