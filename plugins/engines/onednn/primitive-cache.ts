/** What holds handles of the library and gives them back. */
export interface Destroyable {
  destroy(): void;
}

interface Entry {
  readonly made: Destroyable;
  /** By the count of all that was asked for. */
  lastUse: number;
}

/** Compiled operations by what they compute; the one longest unused makes room. */
export class PrimitiveCache {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;
  #uses = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The key must say the kind as well: what was made under it is what comes back. */
  get<Made extends Destroyable>(key: string, make: () => Made): Made {
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { made: make(), lastUse: 0 };
      this.#makeRoom();
      this.#entries.set(key, entry);
    }
    entry.lastUse = ++this.#uses;
    return entry.made as Made;
  }

  /** Looks through all of them: rare beside their uses, and cheap beside compiling another. */
  #makeRoom(): void {
    if (this.#entries.size < this.#capacity) return;
    let [oldest, least] = ['', Number.POSITIVE_INFINITY];
    for (const [key, { lastUse }] of this.#entries) if (lastUse < least) [oldest, least] = [key, lastUse];
    this.#entries.get(oldest)?.made.destroy();
    this.#entries.delete(oldest);
  }

  clear(): void {
    for (const { made } of this.#entries.values()) made.destroy();
    this.#entries.clear();
  }
}
