import * as tf from '@tensorflow/tfjs-core';
import { accumulate } from './accumulate.js';
import { hold, type TapeNode, tensorflow } from './engine.js';

export interface Gradients<Value extends tf.Tensor = tf.Scalar> {
  readonly value: Value;
  /** In the order of the watched tensors; absent where the value does not depend on one. */
  readonly gradients: (tf.Tensor | undefined)[];
}

/**
 * Runs `f` and takes the gradients of its result with respect to the watched tensors: what `tf.grads` does, but each
 * activation and each gradient is given back as soon as nothing needs it any more. TensorFlow.js keeps all of them until the
 * backward pass is over, which doubles the memory of a step. The result belongs to the caller (or its `tf.tidy`).
 * `dy` is the gradient of whatever comes after `f`, or makes it of what `f` gave; a scalar needs none. It may dispose of what
 * `f` gave. May be used inside the backward pass of another.
 * @throws Error inside another gradient, and where an operation on the way has no gradient.
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

/** Runs `f` without recording it: for what no gradient flows through, such as running statistics. */
export function untracked<Result>(f: () => Result): Result {
  const { state } = tensorflow();
  // As inside a kernel, whose own operations are not recorded either.
  state.kernelDepth++;
  try {
    return f();
  } finally {
    state.kernelDepth--;
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

function backward(
  nodes: readonly TapeNode[],
  value: tf.Tensor,
  dy: tf.Tensor,
  watched: readonly tf.Tensor[],
): (tf.Tensor | undefined)[] {
  const dependent = dependents(nodes, watched);
  const found = new Map<number, tf.Tensor>([[value.id, dy]]);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at] as TapeNode;
    const dys = node.outputs.map(({ id }) => found.get(id) ?? null);
    if (dys.some((dy) => dy)) {
      const names = Object.keys(node.inputs).filter((name) => dependent.has(inputOf(node, name).id));
      const gradients = names.length > 0 ? tidied(() => inputGradients(node, names, dys)) : [];
      gradients.forEach((gradient, index) => {
        meet(found, inputOf(node, names[index] as string), gradient);
      });
    }
    disposeAll(node.saved);
    dys.forEach((dy, index) => {
      if (!dy) return;
      dy.dispose();
      found.delete((node.outputs[index] as tf.Tensor).id);
    });
  }
  return watched.map(({ id }) => found.get(id)) as tf.Tensor[];
}

const inputOf = ({ inputs }: TapeNode, name: string): tf.Tensor => inputs[name] as tf.Tensor;

function disposeAll(tensors: readonly tf.Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}

/** Ids of all tensors whose values depend on the watched ones. */
function dependents(nodes: readonly TapeNode[], watched: readonly tf.Tensor[]): ReadonlySet<number> {
  const ids = new Set(watched.map(({ id }) => id));
  for (const node of nodes) {
    for (const name in node.inputs) {
      if (!ids.has(inputOf(node, name).id)) continue;
      for (const { id } of node.outputs) ids.add(id);
      break;
    }
  }
  return ids;
}

/** Gradients of the named inputs, in their order. */
function inputGradients(node: TapeNode, names: readonly string[], dys: (tf.Tensor | null)[]): tf.Tensor[] {
  if (!node.gradient) throw new Error(`gradients: ${node.kernelName} has no gradient`);
  const byName = node.gradient(dys);
  const given = new Set<tf.Tensor | null>(dys);
  return names.map((name) => {
    const compute = byName[name];
    if (!compute) throw new Error(`gradients: ${node.kernelName} has no gradient for its input ${name}`);
    const [computed] = tidied(() => [compute()]) as [tf.Tensor];
    // Each gradient is disposed of on its own, so none may be handed on under two names.
    const own = given.has(computed) ? tf.clone(computed) : computed;
    given.add(own);
    return own;
  });
}

/** Gives back what `work` made, but for what it gives: `tf.tidy` within the scope that is open already. */
function tidied(work: () => tf.Tensor[]): tf.Tensor[] {
  const { track } = tensorflow().state.activeScope;
  const before = track.length;
  const given = work();
  let left = before;
  for (let at = before; at < track.length; at++) {
    const tensor = track[at] as tf.Tensor;
    if (given.includes(tensor)) track[left++] = tensor;
    else if (!tensor.kept) tensor.dispose();
  }
  track.length = left;
  return given;
}

/** Keeps a gradient, or adds it to the one that has come from elsewhere. */
function meet(found: Map<number, tf.Tensor>, { id, shape }: tf.Tensor, gradient: tf.Tensor): void {
  if (!tf.util.arraysEqual(gradient.shape, shape))
    throw new Error(`gradients: a gradient of shape [${gradient.shape}] for a tensor of shape [${shape}]`);
  const before = found.get(id);
  if (!before) {
    found.set(id, gradient);
    return;
  }
  found.set(id, accumulate(before, gradient));
  gradient.dispose();
}
