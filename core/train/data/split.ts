import type { ImageSet } from '../../contracts/dataset.js';
import type { RandomSource } from '../../contracts/random.js';
import { pickLabels } from './memory-set.js';

/**
 * Takes a share of a training set away for validation: of every class the same share where the labels are known, of all images
 * otherwise. The parts keep the order of the set. Stream: `validation-split`.
 *
 * @param share Of the images that go to validation, in the open interval (0, 1).
 * @throws Error when a part would be empty.
 */
export function splitSet(
  set: ImageSet,
  share: number,
  random: RandomSource,
): { readonly train: ImageSet; readonly validation: ImageSet } {
  if (!(share > 0 && share < 1)) throw new Error(`the validation share is ${share}; expected a number between 0 and 1`);
  const order = random.stream('validation-split').permutation(set.size);
  const chosen = set.labels ? chooseByClass(order, set.labels, share) : order.subarray(0, Math.round(share * set.size));
  const validates = new Uint8Array(set.size);
  for (const index of chosen) validates[index] = 1;
  const all = Uint32Array.from({ length: set.size }, (_, index) => index);
  const train = all.filter((index) => validates[index] === 0);
  const validation = all.filter((index) => validates[index] === 1);
  if (train.length === 0 || validation.length === 0) {
    throw new Error(
      `a validation share of ${share} splits ${set.size} images into ${train.length} and ${validation.length}; expected at least one in each part`,
    );
  }
  return { train: subset(set, train), validation: subset(set, validation) };
}

/** A set of some images of another one. */
export function subset(set: ImageSet, members: Uint32Array): ImageSet {
  return {
    size: members.length,
    ...(set.labels ? { labels: pickLabels(set.labels, members) } : {}),
    read: (indices, random) =>
      set.read(
        indices.map((index) => members[index] as number),
        random,
      ),
  };
}

/**
 * The same share of each class, the n-th class rounded so that the classes before it and it hold their share together: the
 * whole is then right to the image even where a class has fewer images than 1 / share.
 */
function chooseByClass(order: Uint32Array, labels: Int32Array, share: number): number[] {
  const classes = new Map<number, number[]>();
  for (const index of order) {
    const label = labels[index] as number;
    const members = classes.get(label);
    if (members) members.push(index);
    else classes.set(label, [index]);
  }
  let seen = 0;
  let taken = 0;
  return [...classes.entries()]
    .sort(([a], [b]) => a - b)
    .flatMap(([, members]) => {
      seen += members.length;
      const count = Math.round(share * seen) - taken;
      taken += count;
      return members.slice(0, count);
    });
}
