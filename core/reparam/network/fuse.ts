import type { FusedConvolution, FusedMetadata, FusedNetwork } from '../../contracts/exporter.js';
import type { Fuser } from '../../contracts/fuser.js';
import type { Chosen } from '../../contracts/part.js';
import { foldable, foldBehind } from './block.js';
import { denseNames } from './dense.js';
import type { Supernet } from './supernet.js';

/** Folds every block of a trained network into one convolution with bias. Always from inference statistics. @throws Error naming the block that does not fold into finite numbers. */
export function fuseNetwork(supernet: Supernet, fuser: Chosen<Fuser>, metadata: FusedMetadata): FusedNetwork {
  const convolutions = new Map<string, FusedConvolution>();
  for (const node of supernet.blocks.nodes) {
    const branches = foldable(supernet.blocks.branches(node.name), supernet.store);
    const sum = fuser.definition.fuse(node, branches, fuser.options);
    const { kernel, bias } = foldBehind(sum, supernet.store, supernet.blocks.sumNorm(node.name));
    const fused = { shape: kernel.shape, kernel: Float32Array.from(kernel.data), bias: Float32Array.from(bias) };
    refuseInfinite(node.name, fused);
    convolutions.set(node.name, fused);
  }
  const dense = new Map(
    supernet.graph.nodes.flatMap((node) => {
      if (node.kind !== 'dense') return [];
      const { weight, bias } = denseNames(node);
      return [[node.name, { weight: supernet.store.read(weight), bias: supernet.store.read(bias) }] as const];
    }),
  );
  return { graph: supernet.graph, convolutions, dense, metadata };
}

function refuseInfinite(block: string, { kernel, bias }: FusedConvolution): void {
  for (const [what, values] of [
    ['kernel', kernel],
    ['bias', bias],
  ] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new Error(
        `block ${block} folds into a ${what} with ${values[at]} at index ${at}; training has diverged, so there is nothing to fuse`,
      );
  }
}
