import type { LoadedConfig } from '../config/load.js';
import type { Architecture } from '../contracts/search-space.js';
import { blockSpaces } from '../reparam/network/gates.js';
import { prepare } from './errors.js';

/**
 * Lists the searchable blocks of a config's network, each with the branches that exist there. Opens the data set to
 * learn the image size.
 */
export async function searchableBlocks({
  config,
  parts,
  folder,
}: LoadedConfig): Promise<{ readonly backbone: string; readonly blocks: Architecture }> {
  const signal = new AbortController().signal;
  const context = { folder, warn: () => undefined, signal };
  const dataset = await prepare(() => parts.dataset.definition.open(parts.dataset.options, context));
  try {
    const { definition, options } = parts.backbone;
    const spaces = await prepare(() =>
      blockSpaces(definition.build(dataset.shape, dataset.classes.length, options), parts.searchSpace, parts.branchOps),
    );
    const blocks = Object.fromEntries(spaces.map(({ block, branches }) => [block, branches]));
    return { backbone: config.backbone.name, blocks };
  } finally {
    await dataset.close();
  }
}
