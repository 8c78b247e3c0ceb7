/** What holds handles of the library and gives them back. */
export interface Destroyable {
  destroy(): void;
}

/** Runs what makes an operation, with whatever that needs around it. */
export type Compile = <Made>(make: () => Made) => Made;

/** What tells operations of a kind apart: shapes and options as numbers, in an order of the kind's own. */
export type Key = readonly number[];

interface Entry {
  readonly key: Key;
  readonly made: Destroyable;
  /** By the count of all that was asked for. */
  lastUse: number;
}

/**
 * Compiled operations by what they compute; the one longest unused makes room. Looked up by numbers, since a string of them takes
 * longer to put together than many an operation to run.
 */
export class PrimitiveCache {
  /** By kind, then by a hash of the key; entries of the same hash stand in a row. */
  readonly #kinds = new Map<string, Map<number, Entry[]>>();
  readonly #capacity: number;
  readonly #compile: Compile;
  #uses = 0;
  #size = 0;

  constructor(capacity: number, compile: Compile) {
    this.#capacity = capacity;
    this.#compile = compile;
  }

  get size(): number {
    return this.#size;
  }

  /** The kind must say what is made: what was made under it and the key is what comes back. */
  get<Made extends Destroyable>(kind: string, key: Key, make: () => Made): Made {
    const hash = hashOf(key);
    const alike = this.#kinds.get(kind)?.get(hash);
    let entry = alike && find(alike, key);
    if (!entry) {
      entry = { key, made: this.#compile(make), lastUse: 0 };
      this.#add(kind, hash, entry);
    }
    entry.lastUse = ++this.#uses;
    return entry.made as Made;
  }

  #add(kind: string, hash: number, entry: Entry): void {
    if (this.#size >= this.#capacity) this.#makeRoom();
    const ofKind = this.#kinds.get(kind) ?? new Map<number, Entry[]>();
    this.#kinds.set(kind, ofKind);
    const alike = ofKind.get(hash);
    if (alike) alike.push(entry);
    else ofKind.set(hash, [entry]);
    this.#size++;
  }

  /** Looks through all of them: rare beside their uses, and cheap beside compiling another. */
  #makeRoom(): void {
    let least = Number.POSITIVE_INFINITY;
    let remove = (): void => undefined;
    for (const ofKind of this.#kinds.values()) {
      for (const [hash, alike] of ofKind) {
        for (const [index, { made, lastUse }] of alike.entries()) {
          if (lastUse >= least) continue;
          least = lastUse;
          remove = () => {
            made.destroy();
            alike.splice(index, 1);
            if (alike.length === 0) ofKind.delete(hash);
            this.#size--;
          };
        }
      }
    }
    remove();
  }

  clear(): void {
    for (const ofKind of this.#kinds.values())
      for (const alike of ofKind.values()) for (const { made } of alike) made.destroy();
    this.#kinds.clear();
    this.#size = 0;
  }
}

function find(entries: readonly Entry[], key: Key): Entry | undefined {
  for (const entry of entries) if (equal(entry.key, key)) return entry;
  return undefined;
}

function equal(a: Key, b: Key): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Multiplies by the golden ratio's share of 2³², as Knuth does, so that small numbers spread. */
function hashOf(key: Key): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ (key[at] as number), 0x9e3779b1);
  return hash;
}
