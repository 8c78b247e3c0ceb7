import type { BlockPlan } from './recognise.js';
import type { Scheme } from './scheme.js';

/** The convolutions with a batch-norm behind that networks have beside blocks of several branches: DBB's `ConvBN`, ACNet's `Conv2dBN`. */
const plain: Scheme = { name: 'plain', deployed: 'conv', branches: [] };

/** Finds them among the names that belong to no block; gives what is left. */
export function plainBlocks(names: readonly string[]): {
  readonly blocks: readonly BlockPlan[];
  readonly others: readonly string[];
} {
  const all = new Set(names);
  const stems = names.flatMap((name) => {
    const [, stem] = /^(.+)\.conv\.weight$/.exec(name) ?? [];
    return stem !== undefined && all.has(`${stem}.bn.running_mean`) ? [stem] : [];
  });
  const blocks = stems.map((name) => {
    const layers = [{ convolution: `${name}.conv` }, { norm: `${name}.bn` }];
    return { name, scheme: plain, branches: [{ source: 'conv', layers }] };
  });
  const used = new Set(stems);
  return { blocks, others: names.filter((name) => !used.has(name.replace(/\.(?:conv|bn)\.\w+$/, ''))) };
}
