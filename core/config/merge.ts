import { isPlain, joinPath, type Plain } from './plain.js';

/** Origin of values: a file, a preset, an object, or a command-line option. */
export interface Source {
  readonly name: string;
  /** Folder that relative paths among its values refer to. */
  readonly folder: string;
}

/** The values of one source. */
export interface Layer {
  readonly values: Plain;
  readonly source: Source;
}

/** By dotted path: for every single value and list, and for every object where it first appeared. */
export type Origins = ReadonlyMap<string, Source>;

/** Merged layers, and the origin of every key. */
export interface Merged {
  readonly values: Plain;
  readonly origins: Origins;
}

export interface MergeRules {
  /** Top-level keys whose string is short for an object with that name. */
  readonly named: readonly string[];
  /** Names of objects that give none, by path. */
  readonly implied: Readonly<Record<string, string>>;
  /** Paths of objects that are replaced as a whole. */
  readonly whole: readonly string[];
}

/**
 * Lays layers over each other, the last on top. Plain objects merge deep, everything else replaces, `null` takes a key back
 * to its default. An object with another `name` replaces the one below it: the options of one part mean nothing to another.
 */
export function merge(layers: readonly Layer[], rules: MergeRules): Merged {
  const values: Plain = {};
  const origins = new Map<string, Source>();

  const lay = (below: Plain, over: Plain, source: Source, path: string): void => {
    for (const [key, value] of Object.entries(over)) {
      const at = joinPath(path, key);
      if (value === undefined) continue;
      if (!isPlain(value)) {
        forget(at, origins);
        if (value === null) delete below[key];
        else {
          below[key] = value;
          origins.set(at, source);
        }
        continue;
      }
      const old = Object.hasOwn(below, key) ? below[key] : undefined;
      if (isPlain(old) && !rules.whole.includes(at) && !renamed(at, old, value)) {
        lay(old, value, source, at);
        continue;
      }
      const fresh: Plain = {};
      forget(at, origins);
      origins.set(at, source);
      lay(fresh, value, source, at);
      // An object whose keys were all reset is reset itself.
      if (Object.keys(fresh).length > 0 || Object.keys(value).length === 0) below[key] = fresh;
      else {
        delete below[key];
        origins.delete(at);
      }
    }
  };

  const renamed = (at: string, old: Plain, over: Plain): boolean => {
    if (over['name'] === undefined) return false;
    return (over['name'] ?? rules.implied[at]) !== (old['name'] ?? rules.implied[at]);
  };

  for (const { values: over, source } of layers) {
    const long = Object.entries(over).map(([key, value]) => [
      key,
      rules.named.includes(key) && typeof value === 'string' ? { name: value } : value,
    ]);
    lay(values, Object.fromEntries(long) as Plain, source, '');
  }
  return { values, origins };
}

function forget(path: string, origins: Map<string, Source>): void {
  for (const key of origins.keys()) if (key === path || key.startsWith(`${path}.`)) origins.delete(key);
}

/** Returns the origin of the value at a path: its own, or that of the list or object around it. */
export function originAt<Origin>(origins: ReadonlyMap<string, Origin>, path: string): Origin | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const origin = origins.get(at);
    if (origin !== undefined) return origin;
  }
  return undefined;
}
