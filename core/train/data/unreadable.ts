import type { UnreadableImage } from '../../contracts/dataset.js';

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
