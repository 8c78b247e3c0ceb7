import type { NetworkGraph } from '../../core/contracts/index.js';

/** What a node's tensors are called, without `.weight` and `.bias`. */
export type NodeNames = (node: string) => string;

export const ownNames: NodeNames = (node) => node;

const BLOCK = /^stage(\d+)\.block(\d+)$/;

/**
 * The names of the official RepVGG repository's network after `switch_to_deploy`: `stage0.rbr_reparam`, `stage1.0.rbr_reparam`,
 * …, `linear`.
 */
export const repvggNames: NodeNames = (node) => {
  const [, stage, block] = BLOCK.exec(node) ?? [];
  if (stage === undefined) return 'linear';
  return `stage${stage}${stage === '0' ? '' : `.${block}`}.rbr_reparam`;
};

/** Whether a network is a RepVGG: a stem, stages of 3x3 convolutions one after another, the mean, one dense layer. */
export function isRepvgg({ nodes }: NetworkGraph): boolean {
  const computing = nodes.filter(({ kind }) => kind !== 'dropout');
  const blocks = computing.slice(0, -2);
  return (
    blocks[0]?.name === 'stage0.block0' &&
    blocks.every((node) => node.kind === 'block' && node.kernelSize === 3 && BLOCK.test(node.name)) &&
    computing.at(-2)?.kind === 'global-average-pool' &&
    computing.at(-1)?.kind === 'dense'
  );
}
