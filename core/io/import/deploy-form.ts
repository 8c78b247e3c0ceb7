import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import { type BlockPlan, lacking, type Recognised, recogniseBlocks } from './recognise.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * The blocks of a checkpoint that are folded wherever they stand, and what the family's own code calls what they become. A block of
 * which only a part is understood is refused: folding that part would write a file that loads nowhere, or computes something else.
 */

/** What may stand in any block beside its branches: it comes behind the sum, and is no part of the convolution. */
const BESIDE = /^(?:se|attn|se_layer|nonlinearity|nonlinear|act|activation|relu)(?:\.|$)/;

/** What the folded convolution is called. */
export const deployedName = ({ name, family: { deployed } }: BlockPlan): string =>
  [name, deployed].filter((part) => part !== '').join('.');

/** @throws Error naming the block of which only a part is understood, or when there is no block of a known family */
export function blocksToFold(
  shapes: ReadonlyMap<string, readonly number[]>,
  families: readonly CheckpointFamily[],
): Recognised {
  const found = recogniseBlocks(shapes, families);
  const { blocks, others } = found;
  if (blocks.length === 0) throw new CheckpointError(nothingFound(shapes, families));
  refuseParts(found);
  const names = new Set(others);

  for (const plan of blocks) {
    const name = `${deployedName(plan)}.weight`;
    if (names.has(name))
      throw new CheckpointError(`block '${plan.name}' becomes '${name}', which the file has already`);
  }
  return found;
}

/** @throws Error naming a block that has more than its branches, or fewer than all of its family have */
export function refuseParts({ blocks, others }: Recognised): void {
  for (const plan of blocks) {
    const { name, family, branches } = plan;
    const missing = lacking(plan);
    const there = branches.map(({ source }) => source).join(', ');
    const prefix = name === '' ? '' : `${name}.`;
    const inner = others
      .filter((other) => prefix !== '' && other.startsWith(prefix))
      .map((other) => other.slice(prefix.length));
    const more = inner.find((other) => !BESIDE.test(other) && !family.beside?.test(other));
    if (more !== undefined)
      throw new CheckpointError(`block '${name}' also has '${prefix}${more}', which is no branch and cannot be folded`);
    if (missing !== undefined)
      throw new CheckpointError(
        `block '${name}' has no branch '${missing}', which every block of ${family.summary} has (it has ${there})`,
      );
  }
}

/** Why no block was found: there is none, or batch-norms lack what they are folded by. */
export function nothingFound(
  shapes: ReadonlyMap<string, readonly number[]>,
  families: readonly CheckpointFamily[],
): string {
  const completed = new Map(shapes);
  for (const [name, shape] of shapes) {
    if (!name.endsWith('.weight') || shape.length !== 1) continue;
    const norm = name.slice(0, -'.weight'.length);
    for (const tensor of ['running_mean', 'running_var']) completed.set(`${norm}.${tensor}`, shape);
  }
  const [block] = completed.size > shapes.size ? recogniseBlocks(completed, families).blocks : [];
  const missing = block && [...completed.keys()].find((name) => name.startsWith(`${block.name}.`) && !shapes.has(name));
  if (block && missing !== undefined)
    return `block '${block.name}' has no '${missing}': without running statistics its batch-norms take those of each batch, and cannot be folded; expected all of model.state_dict(), of a network with track_running_stats`;
  const names = [...shapes.keys()].slice(0, 4).join(', ');
  return `no block of ${families.map(({ name }) => name).join(', ')} was found among ${shapes.size} tensors (${names}${shapes.size > 4 ? ' …' : ''})`;
}
