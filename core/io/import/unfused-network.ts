import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode, NetworkGraph } from '../../contracts/network.js';
import { flattenedMaps } from '../../reparam/network/flattened-maps.js';
import { execute } from '../../reparam/network/execute.js';
import { blockShape } from './block-shape.js';
import { findNetwork } from './find-network.js';
import { readBlock } from './read-block.js';
import type { OpenCheckpoint } from './tensor-source.js';
import { disposeUnfused, prepareUnfused, runUnfused, type UnfusedBlock } from './unfused.js';

/** A checkpoint's network as it was trained, its numbers on the current engine. */
export interface UnfusedNetwork {
  readonly graph: NetworkGraph;
  /** Normalised images `[N, H, W, C]` to logits `[N, classes]`. */
  infer(images: tf.Tensor4D): tf.Tensor2D;
  /** Bytes of its numbers. */
  readonly bytes: number;
  dispose(): void;
}

/** @throws Error when the checkpoint's network is not known, or does not fit */
export async function openUnfused(
  checkpoint: OpenCheckpoint,
  size?: readonly [height: number, width: number],
): Promise<UnfusedNetwork> {
  const { tensors } = checkpoint;
  const { known, blocks, others, placeNames } = findNetwork(checkpoint);
  const shaped = blocks.map((plan) => ({
    ...blockShape(plan, tensors.shapes),
    name: placeNames(plan.name),
    source: plan.name,
  }));
  const { graph, sources, dense } = known.place(shaped, size ?? known.size, { shapes: tensors.shapes, others });
  const maps = graph.nodes.some(({ kind }) => kind === 'flatten') ? flattenedMaps(graph) : new Map();
  const prepared = new Map<string, UnfusedBlock>();
  const layers = new Map<string, readonly [tf.Tensor2D, tf.Tensor1D]>();
  for (const node of graph.nodes) {
    const plan = blocks.find(({ name }) => name === sources.get(node.name));
    if (plan) prepared.set(node.name, prepareUnfused(await readBlock(plan, tensors)));
    const layer = dense.get(node.name);
    if (!layer) continue;
    const { weight, bias } = await layer.read(tensors, maps.get(node.input));
    layers.set(node.name, [tf.tensor2d(weight, [layer.features, layer.outputs]), tf.tensor1d(bias)]);
  }
  const executor = {
    block: (node: BlockNode, x: tf.Tensor4D) => runUnfused(prepared.get(node.name) as UnfusedBlock, node, x),
    dense: ({ name }: { readonly name: string }) => layers.get(name) as readonly [tf.Tensor2D, tf.Tensor1D],
    dropout: (_: unknown, x: tf.Tensor) => x,
  };
  const counted = [...tensors.shapes].filter(([name]) => !name.endsWith('num_batches_tracked'));
  return {
    graph,
    infer: (images) => execute(graph, images, executor, { inference: true }),
    bytes: 4 * counted.reduce((sum, [, shape]) => sum + shape.reduce((product, length) => product * length, 1), 0),
    dispose: () => {
      for (const block of prepared.values()) disposeUnfused(block);
      tf.dispose([...layers.values()].flat());
    },
  };
}
