import type { LoadedConfig } from './load.js';
import { isPlain, joinPath } from './plain.js';

/** One key of a resolved config. */
export interface Explained {
  readonly path: string;
  readonly value: unknown;
  /** File, preset or option that it came from; undefined for a default. */
  readonly origin?: string;
}

/** Lists a resolved config key by key, with the origin of each value. */
export function explain({ config, origins }: Pick<LoadedConfig, 'config' | 'origins'>): Explained[] {
  const flatten = (value: unknown, path: string): Explained[] => {
    if (isPlain(value) && Object.keys(value).length > 0) {
      return Object.entries(value).flatMap(([key, inner]) => flatten(inner, joinPath(path, key)));
    }
    const origin = origins.get(path);
    return [{ path, value, ...(origin !== undefined && { origin }) }];
  };
  return flatten(config, '');
}

/** Formats the list as text, one line per key. */
export function explained(loaded: Pick<LoadedConfig, 'config' | 'origins'>): string {
  const lines = explain(loaded).map(
    ({ path, value, origin }) => [`${path} = ${JSON.stringify(value)}`, origin] as const,
  );
  const width = Math.max(...lines.map(([line]) => line.length));
  return lines.map(([line, origin]) => `${line.padEnd(width)}  # ${origin ?? 'default'}\n`).join('');
}
