import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { FoldedConvolution } from '../../contracts/kernel.js';
import { outputsFirst } from '../formats/kernel-layout.js';
import type { StoredTensor, TensorsToWrite } from '../formats/safetensors.js';
import type { ImportedBlock } from './branch.js';
import { blocksToFold, deployedName } from './deploy-form.js';
import { FAMILIES } from './families.js';
import { foldBlock } from './fold-block.js';
import { readBlock } from './read-block.js';
import type { Settings } from './settings.js';
import type { TensorSource } from './tensor-source.js';

export interface FoldedTensors {
  /** The checkpoint in the family's own deploy form: each block one convolution, in PyTorch's names and layout; everything else as it was. */
  readonly tensors: TensorsToWrite;
  /** Names of the folded blocks. */
  readonly blocks: readonly string[];
}

/**
 * Folds the blocks of a checkpoint whose network is not known (any network may have DBB or ACNet blocks): what comes out loads into the
 * same network in its deploy form.
 *
 * @param see is shown every block, as it was trained and as it is folded
 * @throws Error naming the block or tensor that does not fit, or when there is no block of a known family.
 */
export async function foldTensors(
  source: TensorSource,
  settings: Settings,
  {
    families = FAMILIES,
    see = () => {},
  }: {
    readonly families?: readonly CheckpointFamily[];
    see?(block: ImportedBlock, folded: FoldedConvolution): void;
  } = {},
): Promise<FoldedTensors> {
  const { blocks, others } = blocksToFold(source.shapes, families);
  const tensors = new Map<string, Pick<StoredTensor, 'shape' | 'values'>>();
  for (const plan of blocks) {
    const { stride } = settings.block(plan, source.shapes);
    const block = await readBlock(plan, source, settings, { ...(stride !== undefined && { stride }) });
    const folded = foldBlock(block);
    const name = deployedName(plan);
    see({ ...block, name: blocks.filter((other) => other.name === plan.name).length > 1 ? name : block.name }, folded);
    const weight = inPytorchLayout(folded);
    const dense = plan.branches.some(({ layers }) => layers.some((layer) => layer !== 'average' && 'dense' in layer));
    tensors.set(`${name}.weight`, dense ? { ...weight, shape: weight.shape.slice(0, 2) } : weight);
    tensors.set(`${name}.bias`, { shape: [folded.bias.length], values: Float32Array.from(folded.bias) });
  }
  for (const name of others) {
    tensors.set(name, { shape: source.shapes.get(name) ?? [], values: await source.read(name) });
  }
  return { tensors, blocks: blocks.map(({ name }) => name) };
}

/** `[H, W, I, O]` to `[O, I, H, W]`. */
function inPytorchLayout({ kernel }: FoldedConvolution): Pick<StoredTensor, 'shape' | 'values'> {
  const [height, width, inputs, outputs] = kernel.shape;
  const values = new Float32Array(kernel.data.length);
  outputsFirst(kernel.data, kernel.shape, values);
  return { shape: [outputs, inputs, height, width], values };
}
