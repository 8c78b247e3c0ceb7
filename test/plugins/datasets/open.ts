import type { Dataset, OpenDataset } from '../../../core/contracts/index.js';

/** Opens a dataset as a config would; what it warns of is pushed to `warnings`. */
export async function openDataset<Options>(
  dataset: Dataset<Options>,
  options: object = {},
  folder: string = process.cwd(),
  warnings: string[] = [],
): Promise<OpenDataset> {
  return dataset.open(dataset.options.parse(options), {
    folder,
    warn: (message) => warnings.push(message),
    signal: new AbortController().signal,
  });
}

export const everyIndex = (size: number): Uint32Array => Uint32Array.from({ length: size }, (_, index) => index);
