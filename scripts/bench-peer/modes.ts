/** What is compared: a training step of VGG-16 with different blocks, and inference after folding. */
export const MODES = ['plain', 'repnas', 'dbb', 'all7', 'fused'] as const;
export type Mode = (typeof MODES)[number];

/** One comparison, the same for both sides. */
export interface Setting {
  readonly mode: Mode;
  /** Channel counts of VGG-16 are multiplied by this. */
  readonly width: number;
  readonly batch: number;
  readonly threads: number;
  /** Share of the searchable gates that are active in a step of `repnas`. */
  readonly kept: number;
}

const EVERY_BRANCH = ['conv-1x1', 'conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk', 'conv-1xk', 'conv-kx1', 'identity'];
const CLASSES = 10;
const CHANNELS = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
const STAGES = [2, 2, 3, 3, 3];

/** The config of a comparison: no augmentation, clipping, dropout or weight decay, which the peer does not have either. */
export function configOf({ mode, width, batch, kept }: Setting, blockEvaluation: string, batches: number): object {
  return {
    strategy: strategyOf(mode, width),
    searchSpace: { name: 'per-block', branches: EVERY_BRANCH, ...(mode === 'repnas' && { identity: 'kept' }) },
    ...(mode === 'repnas' && { budget: { keptRatio: kept } }),
    weightSharing: 'none',
    backbone: { name: 'vgg', depth: 16, width },
    dataset: { name: 'synthetic', shape: [32, 32, 3], classes: CLASSES, train: batch * batches, test: batch },
    train: {
      epochs: mode === 'repnas' ? { warmUp: 0, search: 1, frozen: 1 } : { warmUp: 0, search: 0, frozen: 1 },
      batchSize: batch,
      optimizer: { name: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0 },
      schedule: { name: 'constant' },
      clip: false,
      dropout: 0,
      blockEvaluation,
    },
  };
}

function strategyOf(mode: Mode, width: number): string | object {
  if (mode === 'all7') return { name: 'given', blocks: everyBranch(width) };
  return mode === 'fused' ? 'plain' : mode;
}

/** All seven branches in every block, the identity where a block keeps its channels. */
function everyBranch(width: number): Record<string, string[]> {
  const channels = CHANNELS.map((count) => Math.max(1, Math.floor(count * width)));
  const names = STAGES.flatMap((blocks, stage) =>
    Array.from({ length: blocks }, (_, block) => `stage${stage + 1}.block${block}`),
  );
  return Object.fromEntries(
    names.map((name, at) => {
      const same = channels[at] === channels[at - 1];
      return [name, same ? EVERY_BRANCH : [...EVERY_BRANCH.slice(0, -1)]];
    }),
  );
}
