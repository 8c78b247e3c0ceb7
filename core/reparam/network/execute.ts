import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode, DropoutNode, GraphNode, NetworkGraph, SqueezeExciteNode } from '../../contracts/network.js';
import { averagePool, maxPool } from '../../engine/index.js';
import { activate, gateValue } from './layers.js';
import { inputsOf } from './shapes.js';

/** How the nodes that own parameters, or that training changes, are computed; everything else is the same for every form of a network. */
export interface NodeExecutor {
  block(node: BlockNode, x: tf.Tensor4D): tf.Tensor4D;
  /** Weight `[inputs, outputs]` and bias `[outputs]` of a dense node, or of one of the two layers of a gate. */
  dense(name: string): readonly [tf.Tensor2D, tf.Tensor1D];
  dropout(node: DropoutNode, x: tf.Tensor): tf.Tensor;
}

/** Sees what a node gives; it belongs to the run. */
export type ObserveNode = (name: string, y: tf.Tensor) => void;

/** Sees a block's input and output; both belong to the run. */
export type ObserveBlock = (node: BlockNode, x: tf.Tensor4D, y: tf.Tensor4D) => void;

interface ExecuteOptions {
  readonly inference?: boolean;
  readonly observe?: ObserveBlock;
  readonly observeNode?: ObserveNode;
}

/**
 * Runs a graph on images `[N, H, W, C]` and returns the last node's output, logits `[N, classes]`. With `inference`, a value
 * is disposed as soon as no later node reads it, so that memory does not grow with depth; `observe` sees each block.
 */
export function execute(
  graph: NetworkGraph,
  images: tf.Tensor4D,
  executor: NodeExecutor,
  { inference = false, observe, observeNode }: ExecuteOptions = {},
): tf.Tensor2D {
  const values = new Map<string, tf.Tensor>([['input', images]]);
  const readers = inference ? readerCounts(graph) : undefined;
  const read = (name: string): tf.Tensor => {
    const value = values.get(name);
    if (!value) throw new Error(`a node reads '${name}', which no node before it gives`);
    return value;
  };
  let last: tf.Tensor = images;
  for (const node of graph.nodes) {
    last = readers ? tf.tidy(() => computeNode(node, read, executor)) : computeNode(node, read, executor);
    if (observe && node.kind === 'block') observe(node, read(node.input) as tf.Tensor4D, last as tf.Tensor4D);
    observeNode?.(node.name, last);
    values.set(node.name, last);
    for (const name of readers ? inputsOf(node) : []) {
      const left = (readers?.get(name) ?? 0) - 1;
      readers?.set(name, left);
      if (left === 0 && name !== 'input' && values.get(name)?.id !== last.id) values.get(name)?.dispose();
    }
  }
  return last as tf.Tensor2D;
}

function readerCounts(graph: NetworkGraph): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of graph.nodes.flatMap(inputsOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** One node, from what it reads. */
export function computeNode(node: GraphNode, read: (name: string) => tf.Tensor, executor: NodeExecutor): tf.Tensor {
  const x = read(node.input);
  switch (node.kind) {
    case 'block':
      return executor.block(node, x as tf.Tensor4D);
    case 'max-pool':
      return maxPool(x as tf.Tensor4D, { size: node.size, stride: node.stride, padding: node.padding });
    case 'average-pool':
      return averagePool(x as tf.Tensor4D, { size: node.size, stride: node.stride, padding: node.padding });
    case 'global-average-pool':
      return tf.mean(x, [1, 2]);
    case 'flatten':
      return tf.reshape(x, [x.shape[0] as number, -1]);
    case 'dropout':
      return executor.dropout(node, x);
    case 'dense': {
      const [weight, bias] = executor.dense(node.name);
      return activate(tf.add(tf.matMul(x as tf.Tensor2D, weight), bias), node.activation);
    }
    case 'add':
      return activate(tf.add(x, read(node.other)), node.activation);
    case 'subsample':
      return subsample(x as tf.Tensor4D, node.stride, node.outChannels);
    case 'squeeze-excite':
      return squeezeExcite(node, x as tf.Tensor4D, executor);
  }
}

function squeezeExcite(node: SqueezeExciteNode, x: tf.Tensor4D, executor: NodeExecutor): tf.Tensor4D {
  const [down, first] = executor.dense(`${node.name}.down`);
  const [up, second] = executor.dense(`${node.name}.up`);
  const means: tf.Tensor2D = tf.mean(x, [1, 2]);
  const inner = tf.relu(tf.add(tf.matMul(means, down), first)) as tf.Tensor2D;
  const gate = gateValue(tf.add(tf.matMul(inner, up), second), node.gate);
  const [count, , , channels] = x.shape;
  return activate(tf.mul(x, tf.reshape(gate, [count, 1, 1, channels])), node.activation);
}

/** ResNet's option A (He et al. 2015, section 4.2). */
function subsample(x: tf.Tensor4D, stride: number, channels: number): tf.Tensor4D {
  const picked = stride === 1 ? x : averagePool(x, { size: 1, stride, padding: 0 });
  const missing = channels - x.shape[3];
  const before = missing >> 1;
  return tf.pad4d(picked, [
    [0, 0],
    [0, 0],
    [0, 0],
    [before, missing - before],
  ]);
}
