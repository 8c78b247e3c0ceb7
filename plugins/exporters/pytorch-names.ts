import type { NetworkGraph } from '../../core/contracts/index.js';

/** How a published network calls what ours has: names without `.weight` and the like. */
export interface NetworkNames {
  /** A block or dense layer; for a block, what stands before its branches' names. */
  node(name: string): string;
  /** A folded block. */
  folded(name: string): string;
}

export const ownNames: NetworkNames = { node: (name) => name, folded: (name) => name };

const BLOCK = /^stage(\d+)\.block(\d+)$/;

function staged(stem: string, block: (stage: number, block: string) => string, folded: string, dense: string) {
  const node = (name: string): string => {
    const [, stage, within] = BLOCK.exec(name) ?? [];
    if (stage === undefined || within === undefined) return dense;
    return stage === '0' ? stem : block(Number(stage), within);
  };
  return { node, folded: (name: string) => (BLOCK.test(name) ? `${node(name)}.${folded}` : node(name)) };
}

/** Those of the official repository, folded as its `switch_to_deploy` does. */
export const repvggNames: NetworkNames = staged(
  'stage0',
  (stage, block) => `stage${stage}.${block}`,
  'rbr_reparam',
  'linear',
);

/** Those of timm (byobnet), folded as its `reparameterize` does. */
export const timmNames: NetworkNames = staged(
  'stem',
  (stage, block) => `stages.${stage - 1}.${block}`,
  'reparam_conv',
  'head.fc',
);

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
