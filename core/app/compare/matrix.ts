import { z } from 'zod';
import type { Comparison } from './schema.js';

// An entrant may stand for many: its `matrix` lists values for keys of the config, and every combination of them takes part, named
// after the entrant and its values (`shrink-25`, `shrink-50`).

type Config = Comparison['shared'];

/** `{ "budget.branches": [25, 50], "train.gamma": [1, "1/branches"] }`. */
export const matrixSchema = z
  .record(z.string().min(1), z.array(z.union([z.string().min(1), z.number(), z.boolean()])).min(1))
  .refine((matrix) => Object.keys(matrix).length > 0, 'expected at least one key of the config with its values');

/** Replaces every entrant that has a matrix by its combinations. @throws Error if two of them would have one name. */
export function expanded(entrants: Readonly<Record<string, Config>>): Record<string, Config> {
  const found = new Map<string, Config>();
  for (const [name, config] of Object.entries(entrants)) {
    for (const [own, one] of combinations(name, config)) {
      if (found.has(own)) throw new Error(`two entrants would be called ${own}; give one of them another name`);
      found.set(own, one);
    }
  }
  return Object.fromEntries(found);
}

function combinations(name: string, config: Config): [string, Config][] {
  if (typeof config === 'string' || !('matrix' in config)) return [[name, config]];
  const { matrix, ...shared } = config;
  return Object.entries(matrixSchema.parse(matrix)).reduce<[string, Config][]>(
    (so, [path, values]) =>
      so.flatMap(([name, config]) =>
        values.map((value): [string, Config] => [`${name}-${slug(value)}`, withValue(config as object, path, value)]),
      ),
    [[name, shared]],
  );
}

/** A value as a part of a name: `1/branches` as `1-branches`, 0.5 as `0-5`. */
const slug = (value: string | number | boolean): string =>
  String(value)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'none';

/** A copy with one value at a dotted path. A part that was given by its name becomes an object that takes options. */
function withValue(config: object, path: string, value: unknown): Config {
  const [key = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...config, [key]: value };
  const inner = (config as Readonly<Record<string, unknown>>)[key];
  const object = typeof inner === 'string' ? { name: inner } : ((inner ?? {}) as object);
  return { ...config, [key]: withValue(object, rest.join('.'), value) };
}
