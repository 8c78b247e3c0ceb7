import { z } from 'zod';

/** The subset of JSON Schema that zod writes and this code reads. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const EMPTY: JsonSchema = {};

/** Returns what may be written for a zod schema; anything, if JSON Schema cannot express it. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  try {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return rest as JsonSchema;
  } catch {
    return EMPTY;
  }
}

/** Lists a schema and all its alternatives. */
const alternatives = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...(schema.anyOf ?? []).flatMap(alternatives),
  ...(schema.oneOf ?? []).flatMap(alternatives),
];

/** Lists all schemas that apply at a path. */
function schemasAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  let at: readonly JsonSchema[] = alternatives(schema);
  for (const key of path) {
    at = at
      .flatMap(({ properties, items }) => [properties?.[String(key)], typeof key === 'number' ? items : undefined])
      .flatMap((found) => (found ? alternatives(found) : []));
  }
  return at;
}

/** Lists the keys that an object at a path may have. */
export const keysAt = (schema: JsonSchema, path: readonly PropertyKey[]): string[] => [
  ...new Set(schemasAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}))),
];

/** Returns the description of the value at a path, if the schema has one. */
export const descriptionAt = (schema: JsonSchema, path: readonly PropertyKey[]): string | undefined =>
  schemasAt(schema, path).find(({ description }) => description !== undefined)?.description;

/** Lists the dotted paths of every key, objects before their members. */
export function keyPaths(schema: JsonSchema, path = ''): string[] {
  const found = alternatives(schema).flatMap(({ properties }) =>
    Object.entries(properties ?? {}).flatMap(([key, inner]) => {
      const at = path === '' ? key : `${path}.${key}`;
      return [at, ...keyPaths(inner, at)];
    }),
  );
  return [...new Set(found)];
}

/** Fills in the defaults of missing keys, in the form in which they are written. */
export function withDefaults(schema: JsonSchema, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...value };
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const own = Object.hasOwn(filled, key) ? filled[key] : structuredClone(inner.default);
    if (own === undefined) continue;
    const nested = typeof own === 'object' && own !== null && !Array.isArray(own) && inner.properties;
    filled[key] = nested ? withDefaults(inner, own as Record<string, unknown>) : own;
  }
  return filled;
}
