import { z } from 'zod';
import type { Registry } from '../container/registry.js';
import type { PartKind } from '../contracts/plugin.js';
import { runSchema } from './schema.js';

type Json = Record<string, unknown>;

/** The top-level keys that name a part, and what kind; lists of parts in `many`. */
const ONE: Readonly<Record<string, PartKind>> = {
  strategy: 'strategy',
  baseline: 'strategy',
  searchSpace: 'search-space',
  importance: 'importance-estimator',
  weightSharing: 'weight-sharing',
  backbone: 'backbone',
  dataset: 'dataset',
  fuser: 'fuser',
  engine: 'engine',
};
const MANY: Readonly<Record<string, PartKind>> = { export: 'exporter', observers: 'observer' };

/** JSON Schema of a config file, with the options of every part that the registry holds. */
export function configJsonSchema(registry: Registry): Json {
  const base = z.toJSONSchema(runSchema, { io: 'input', unrepresentable: 'any' }) as Json & {
    properties: Record<string, Json>;
  };
  const properties: Record<string, Json> = { ...base.properties };
  for (const [key, kind] of Object.entries(ONE)) {
    const extra = key === 'engine' ? [{ const: 'auto' }] : key === 'baseline' ? [{ const: false }] : [];
    properties[key] = { anyOf: [...extra, ...choices(registry, kind)] };
  }
  for (const [key, kind] of Object.entries(MANY)) {
    properties[key] = { type: 'array', items: { anyOf: choices(registry, kind) } };
  }
  const nullable = Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, { anyOf: [schema, { type: 'null' }] }]),
  );
  const named = { anyOf: [{ type: 'string' }, { type: 'object' }] };
  return {
    ...base,
    title: 'repnas config',
    properties: {
      $schema: { type: 'string' },
      extends: { anyOf: [...named.anyOf, { type: 'array', items: named }] },
      plugins: { type: 'array', items: { type: 'string' } },
      ...nullable,
    },
    required: [],
  };
}

function choices(registry: Registry, kind: PartKind): Json[] {
  return registry.parts(kind).flatMap(({ part }) => {
    const { properties = {}, required = [] } = z.toJSONSchema(part.options, {
      io: 'input',
      unrepresentable: 'any',
    }) as Json & {
      required?: string[];
    };
    const name = { const: part.name, description: part.summary };
    const whole = {
      type: 'object',
      properties: { name, ...(properties as Json) },
      required: ['name', ...required],
      additionalProperties: false,
    };
    return required.length === 0 ? [name, whole] : [whole];
  });
}
