import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode, NetworkGraph } from '../../contracts/network.js';
import { flattenedMaps } from '../../reparam/network/shapes.js';
import { execute } from '../../reparam/network/execute.js';
import { placeNetwork } from './import-network.js';
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
  const { found, settings, graph, sources, dense, dilations } = placeNetwork(checkpoint, size ? { input: size } : {});
  const { blocks, tensors } = found;
  const maps = graph.nodes.some(({ kind }) => kind === 'flatten') ? flattenedMaps(graph) : new Map();
  const prepared = new Map<string, UnfusedBlock>();
  const layers = new Map<string, readonly [tf.Tensor2D, tf.Tensor1D]>();
  for (const node of graph.nodes) {
    const plan = blocks.find(({ name }) => name === sources.get(node.name));
    if (plan && node.kind === 'block') {
      const place = { stride: node.stride, dilation: dilations.get(node.name) ?? 1 };
      prepared.set(node.name, prepareUnfused(await readBlock(plan, tensors, settings, place)));
    }
    for (const name of [node.name, `${node.name}.down`, `${node.name}.up`]) {
      const layer = dense.get(name);
      if (!layer) continue;
      const { weight, bias } = await layer.read(tensors, maps.get(node.input));
      layers.set(name, [tf.tensor2d(weight, [layer.features, layer.outputs]), tf.tensor1d(bias)]);
    }
  }
  const executor = {
    block: (node: BlockNode, x: tf.Tensor4D) => runUnfused(prepared.get(node.name) as UnfusedBlock, node, x),
    dense: (name: string) => layers.get(name) as readonly [tf.Tensor2D, tf.Tensor1D],
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
