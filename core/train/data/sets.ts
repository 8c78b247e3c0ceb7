/**
 * Sets of images: in memory, a part of another set, split for validation, and the count of images that cannot be read.
 */
import type { ImageSet, UnreadableImage } from '../../contracts/dataset.js';
import type { RandomSource } from '../../contracts/random.js';

/** Images that are in memory as they are read, `[n, height, width, channels]`. */
export function memorySet(pixels: Uint8Array, labels: Int32Array): ImageSet {
  const imageSize = pixels.length / labels.length;
  return {
    size: labels.length,
    labels,
    read: (indices) => {
      const read = new Uint8Array(indices.length * imageSize);
      for (const [i, index] of indices.entries()) {
        read.set(pixels.subarray(index * imageSize, (index + 1) * imageSize), i * imageSize);
      }
      return { pixels: read, labels: pickLabels(labels, indices) };
    },
  };
}

export const pickLabels = (labels: Int32Array, indices: Uint32Array): Int32Array =>
  Int32Array.from(indices, (index) => labels[index] as number);

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

/** Share of a set that may be unreadable: more is no accident, and a figure taken on the rest would not be one of the set. */
const MOST = 0.01;

/** Keeps count of the images of a set that could not be read, and tells of each once. */
export class Unreadable {
  readonly #name: string;
  readonly #size: number;
  readonly #warn: (message: string) => void;
  readonly #images = new Set<string>();

  /**
   * @param name What the set is called in messages.
   * @param size Images in it.
   */
  constructor(name: string, size: number, warn: (message: string) => void) {
    this.#name = name;
    this.#size = size;
    this.#warn = warn;
  }

  /** @throws Error when that makes too many. */
  add({ image, problem }: Pick<UnreadableImage, 'image' | 'problem'>): void {
    if (this.#images.has(image)) return;
    this.#images.add(image);
    if (this.#images.size > MOST * this.#size) {
      throw new Error(
        `${this.#images.size} of ${this.#size} ${this.#name} images cannot be read; expected at most ${100 * MOST} %. The last one: ${image}: ${problem}`,
      );
    }
    this.#warn(`left out an image that cannot be read: ${image}: ${problem}`);
  }

  /** Names of those that were told of, in the order in which they were. */
  save(): string[] {
    return [...this.#images];
  }

  /** Takes up what an interrupted run had told of. */
  restore(images: readonly string[]): void {
    this.#images.clear();
    for (const image of images) this.#images.add(image);
  }

  /** How many there were; absent where there were none. */
  get summary(): string | undefined {
    const count = this.#images.size;
    return count === 0
      ? undefined
      : `${count} of ${this.#size} ${this.#name} images could not be read and were left out`;
  }
}
