import type { LoadedConfig } from './load.js';
import { isPlain, originAt } from './merge.js';

/** The resolved config, one line a key, each with where its value came from. */
export function explained({ config, origins }: Pick<LoadedConfig, 'config' | 'origins'>): string {
  const leaves = flatten(config, '');
  const width = Math.max(...leaves.map(([path, value]) => path.length + value.length + 3));
  return leaves
    .map(([path, value]) => `${`${path} = ${value}`.padEnd(width)}  # ${originAt(origins, path) ?? 'default'}\n`)
    .join('');
}

function flatten(value: unknown, path: string): [path: string, value: string][] {
  if (!isPlain(value) || Object.keys(value).length === 0) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path === '' ? key : `${path}.${key}`));
}
