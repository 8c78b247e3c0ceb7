import * as tf from '@tensorflow/tfjs-core';
import { backward, disposeAll } from './backward.js';
import { hold, type TapeNode, tensorflow } from './engine.js';

export interface Gradients<Value extends tf.Tensor = tf.Scalar> {
  readonly value: Value;
  /** In the order of the watched tensors; undefined if the value does not depend on one. */
  readonly gradients: (tf.Tensor | undefined)[];
}

/**
 * Runs `f` and returns the gradients of its result with respect to the watched tensors, as `tf.grads` does. But each
 * activation and each gradient is released as soon as nothing needs it; TensorFlow.js keeps all of them until the
 * backward pass is over, which doubles the memory of a step. The result belongs to the caller (or its `tf.tidy`).
 * `dy` is the gradient of what follows `f`, or computes it from the result of `f`, which it may dispose; a scalar needs
 * none. May run inside the backward pass of another call.
 * @throws Error inside another gradient, and for an operation without a gradient.
 */
export function gradients<Value extends tf.Tensor = tf.Scalar>(
  f: () => Value,
  watched: readonly tf.Tensor[],
  dy?: tf.Tensor | ((value: Value) => tf.Tensor),
): Gradients<Value> {
  const { state } = tensorflow();
  if (state.gradientDepth > 0) throw new Error('gradients: gradients of gradients are not supported');
  return tf.tidy(() => {
    let nodes: readonly TapeNode[] = [];
    try {
      const value = record(f);
      nodes = state.activeTape ?? [];
      const after = typeof dy === 'function' ? dy(value) : tf.clone(dy ?? tf.onesLike(value));
      const found = backward(nodes, value, after, watched);
      return { value, gradients: found as tf.Tensor[] };
    } finally {
      for (const node of state.activeTape ?? nodes) disposeAll(node.saved);
      state.activeTape = null;
    }
  });
}

/** Runs `f` without recording it, for computations that no gradient flows through, such as running statistics. */
export function untracked<Result>(f: () => Result): Result {
  const { state } = tensorflow();
  const depth = state.gradientDepth;
  state.gradientDepth = 0;
  try {
    return f();
  } finally {
    state.gradientDepth = depth;
  }
}

function record<Value extends tf.Tensor>(f: () => Value): Value {
  const engine = tensorflow();
  const saved = engine.saveTensorsForBackwardMode;
  // TensorFlow.js clones them, which is a kernel of its own on the tape.
  engine.saveTensorsForBackwardMode = (tensors) => tensors.map(hold);
  engine.startTape();
  try {
    return tf.tidy(f);
  } finally {
    engine.endTape();
    engine.saveTensorsForBackwardMode = saved;
  }
}
