/** What holds handles of the library and gives them back. */
export interface Destroyable {
  destroy(): void;
}

/** Compiled operations by what they compute; the one longest unused makes room. */
export class PrimitiveCache {
  readonly #entries = new Map<string, Destroyable>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The key must say the kind as well: what was made under it is what comes back. */
  get<Entry extends Destroyable>(key: string, make: () => Entry): Entry {
    const found = this.#entries.get(key);
    if (found) {
      // A Map remembers the order of insertion: the first is the longest unused.
      this.#entries.delete(key);
      this.#entries.set(key, found);
      return found as Entry;
    }
    const entry = make();
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#capacity) {
      const [oldest, unused] = this.#entries.entries().next().value as [string, Destroyable];
      this.#entries.delete(oldest);
      unused.destroy();
    }
    return entry;
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.destroy();
    this.#entries.clear();
  }
}
