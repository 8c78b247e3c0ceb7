import * as tf from '@tensorflow/tfjs-core';

/** One operation of the forward pass, as TensorFlow.js records it. */
interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  /** Copies for the backward pass; they share the memory of what they copy. */
  readonly saved: readonly tf.Tensor[];
  /** Absent where the kernel has no gradient. */
  readonly gradient?: (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

/** The tape of TensorFlow.js' engine, which its declarations keep private. */
interface Tape {
  startTape(): void;
  endTape(): void;
  /** What a kernel's gradient will read, safe from being disposed of until then. */
  saveTensorsForBackwardMode(tensors: readonly tf.Tensor[]): tf.Tensor[];
  makeTensorFromTensorInfo(info: tf.TensorInfo): tf.Tensor;
  readonly backend: { incRef(dataId: object): void };
  readonly state: { activeTape: TapeNode[] | null; readonly gradientDepth: number; kernelDepth: number };
}

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
  const tape = tf.engine() as unknown as Tape;
  if (tape.state.gradientDepth > 0) throw new Error('gradients: gradients of gradients are not supported');
  return tf.tidy(() => {
    let nodes: readonly TapeNode[] = [];
    try {
      const value = record(tape, f);
      nodes = tape.state.activeTape ?? [];
      const after = typeof dy === 'function' ? dy(value) : tf.clone(dy ?? tf.onesLike(value));
      const found = backward(nodes, value, after, watched);
      return { value, gradients: found as tf.Tensor[] };
    } finally {
      for (const { saved } of tape.state.activeTape ?? nodes) tf.dispose([...saved]);
      tape.state.activeTape = null;
    }
  });
}

/** Runs `f` without recording it: for what no gradient flows through, such as running statistics. */
export function untracked<Result>(f: () => Result): Result {
  const { state } = tf.engine() as unknown as Tape;
  // As inside a kernel, whose own operations are not recorded either.
  state.kernelDepth++;
  try {
    return f();
  } finally {
    state.kernelDepth--;
  }
}

function record<Value extends tf.Tensor>(tape: Tape, f: () => Value): Value {
  const saved = tape.saveTensorsForBackwardMode;
  tape.saveTensorsForBackwardMode = (tensors) => tensors.map((tensor) => share(tape, tensor));
  tape.startTape();
  try {
    return tf.tidy(f);
  } finally {
    tape.endTape();
    tape.saveTensorsForBackwardMode = saved;
  }
}

/** A tensor of its own on the same data: what `tf.clone` gives, without running a kernel and writing it on the tape. */
function share(tape: Tape, { dataId, shape, dtype }: tf.Tensor): tf.Tensor {
  tape.backend.incRef(dataId);
  return tf.keep(tape.makeTensorFromTensorInfo({ dataId, shape, dtype }));
}

function backward(
  nodes: readonly TapeNode[],
  value: tf.Tensor,
  dy: tf.Tensor,
  watched: readonly tf.Tensor[],
): (tf.Tensor | undefined)[] {
  const dependent = dependents(nodes, watched);
  const found = new Map<number, tf.Tensor>([[value.id, dy]]);
  for (const node of nodes.toReversed()) {
    const dys = node.outputs.map(({ id }) => found.get(id) ?? null);
    const inputs = Object.entries(node.inputs).filter(([, { id }]) => dependent.has(id));
    if (inputs.length > 0 && dys.some((dy) => dy)) {
      for (const [input, gradient] of inputGradients(node, inputs, dys)) accumulate(found, input, gradient);
    }
    tf.dispose([...node.saved]);
    for (const { id } of node.outputs) {
      found.get(id)?.dispose();
      found.delete(id);
    }
  }
  return watched.map(({ id }) => found.get(id)) as tf.Tensor[];
}

/** Ids of all tensors whose values depend on the watched ones. */
function dependents(nodes: readonly TapeNode[], watched: readonly tf.Tensor[]): ReadonlySet<number> {
  const ids = new Set(watched.map(({ id }) => id));
  for (const { inputs, outputs } of nodes) {
    if (Object.values(inputs).some(({ id }) => ids.has(id))) for (const { id } of outputs) ids.add(id);
  }
  return ids;
}

function inputGradients(
  { kernelName, gradient }: TapeNode,
  inputs: readonly (readonly [name: string, tf.Tensor])[],
  dys: (tf.Tensor | null)[],
): [input: tf.Tensor, gradient: tf.Tensor][] {
  if (!gradient) throw new Error(`gradients: ${kernelName} has no gradient`);
  return tf.tidy(() => {
    const byName = gradient(dys);
    const given = new Set<tf.Tensor | null>(dys);
    return inputs.map(([name, input]): [tf.Tensor, tf.Tensor] => {
      const compute = byName[name];
      if (!compute) throw new Error(`gradients: ${kernelName} has no gradient for its input ${name}`);
      const computed = tf.tidy(compute);
      // Each gradient is disposed of on its own, so none may be handed on under two names.
      const own = given.has(computed) ? tf.clone(computed) : computed;
      given.add(own);
      return [input, own];
    });
  });
}

function accumulate(found: Map<number, tf.Tensor>, { id, shape }: tf.Tensor, gradient: tf.Tensor): void {
  if (!tf.util.arraysEqual(gradient.shape, shape))
    throw new Error(`gradients: a gradient of shape [${gradient.shape}] for a tensor of shape [${shape}]`);
  const before = found.get(id);
  found.set(id, before ? tf.add(before, gradient) : gradient);
  if (before) tf.dispose([before, gradient]);
}
