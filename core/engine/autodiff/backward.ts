import * as tf from '@tensorflow/tfjs-core';
import { accumulate } from '../composed/accumulate.js';
import { type TapeNode, tensorflow } from './engine.js';

type Found = (tf.Tensor | undefined)[];

/**
 * Runs a tape backwards from the gradient of its last value. Returns the gradients of the watched tensors, undefined
 * for those that the value does not depend on, and disposes every other gradient, `dy` included.
 */
export function backward(
  nodes: readonly TapeNode[],
  value: Pick<tf.Tensor, 'id'>,
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
        if (gradient) accumulateGradient(found, inputOf(node, names[index] as string), gradient);
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

/** Disposes what was kept for the backward pass. */
export function disposeAll(all: TapeNode['saved']): void {
  for (const kept of all) kept.dispose();
}

/** Returns the ids of all tensors that depend on the watched ones. */
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

/** Computes the gradients of the named inputs, in their order. */
function inputGradients(node: TapeNode, names: readonly string[], dys: (tf.Tensor | null)[]): Found {
  if (!node.gradient) throw new Error(`gradients: ${node.kernelName} has no gradient`);
  const byName = node.gradient(dys, names);
  const given = new Set<tf.Tensor | null>(dys);
  return names.map((name) => {
    const compute = byName[name];
    if (!compute) throw new Error(`gradients: ${node.kernelName} has no gradient for its input ${name}`);
    const [computed] = tidied(() => [compute()]);
    if (!computed) return undefined;
    // Each gradient is disposed on its own, so one tensor must not appear under two names.
    const own = given.has(computed) ? tf.clone(computed) : computed;
    given.add(own);
    return own;
  });
}

/** Disposes what `work` made except for its result, as `tf.tidy` does, but within the open scope. */
function tidied(work: () => Found): Found {
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

/** Stores a gradient, or adds it to the one that is there. */
function accumulateGradient(found: Map<number, tf.Tensor>, { id, shape }: tf.Tensor, gradient: tf.Tensor): void {
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
