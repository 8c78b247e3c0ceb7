import type { Registry } from './container/registry.js';
import type { PartKind } from '../contracts/plugin.js';
import { inputSchema, type JsonSchema } from './json-schema.js';
import { CHOICE_LISTS, CHOICES, IMPLIED_NAMES, runSchema } from './schema.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

const oneOrMore = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'array', items: schema }] });

/** Keys of a config file that a resolved config no longer has. */
const FILE_KEYS: Readonly<Record<string, JsonSchema>> = {
  $schema: { type: 'string', description: 'the schema that `repnas schema` writes, for editors' },
  extends: {
    ...oneOrMore({ anyOf: [{ type: 'string', minLength: 1 }, { type: 'object' }] }),
    description: 'presets, paths or objects that this config stands on, left to right',
  },
  plugins: {
    ...oneOrMore({ type: 'string', minLength: 1 }),
    description: 'plugin packages or paths, each of which adds parts',
  },
};

/** What a config file may contain, as far as that is known without the parts. */
export function fileSchema(): JsonSchema {
  const schema = inputSchema(runSchema);
  const { required: _, ...rest } = schema;
  return { ...rest, properties: { ...FILE_KEYS, ...schema.properties } };
}

/**
 * The JSON Schema of a config file for these parts: a part is one of the known names, or an object of its name and its own
 * options. No option is required, since what a config extends may bring it; `null` takes any key back to its default.
 */
export function configSchema(registry: Registry): JsonSchema {
  const base = fileSchema();
  const choices = Object.entries(CHOICES).map(([key, kind]): [string, JsonSchema] => {
    const { description, default: otherwise } = base.properties?.[key] ?? {};
    const off = key === 'baseline' ? [{ const: false }] : [];
    const oneOf = [...off, ...(key === 'engine' ? AUTO : []), ...partSchemas(registry, kind, IMPLIED_NAMES[key])];
    return [
      key,
      { ...(description && { description }), ...(otherwise !== undefined && { default: otherwise }), oneOf },
    ];
  });
  const lists = Object.entries(CHOICE_LISTS).map(([key, kind]): [string, JsonSchema] => [
    key,
    { ...base.properties?.[key], items: { oneOf: partSchemas(registry, kind) } },
  ]);
  const properties = { ...base.properties, ...Object.fromEntries([...choices, ...lists]) };
  return { $schema: DIALECT, title: 'repnas config', ...orNull({ ...base, properties }, false) };
}

const AUTO: readonly JsonSchema[] = [
  { const: 'auto', description: 'the fastest engine that answers' },
  { type: 'object', properties: { name: { const: 'auto' } }, additionalProperties: false },
];

/** Schema of each part: its name alone, or an object with its options. */
function partSchemas(registry: Registry, kind: PartKind, implied?: string): JsonSchema[] {
  return registry.parts(kind).flatMap(({ part }) => {
    const { name, summary: description } = part;
    const { required: _, ...options } = inputSchema(part.options);
    const required = name === implied ? [] : ['name'];
    const properties = {
      name: { const: name, description },
      ...options.properties,
      ...offered(registry, kind, options),
    };
    return [
      { const: name, description },
      { additionalProperties: false, ...options, type: 'object', description, properties, required },
    ];
  });
}

/** Entries of a search space's branches are branch ops with their own options. */
function offered(registry: Registry, kind: PartKind, { properties }: JsonSchema): Record<string, JsonSchema> {
  const branches = kind === 'search-space' ? properties?.['branches'] : undefined;
  return branches ? { branches: { ...branches, items: { oneOf: partSchemas(registry, 'branch-op') } } } : {};
}

/** Allows `null` for every key of an object schema. */
function orNull(schema: JsonSchema, nullable: boolean): JsonSchema {
  const { properties, anyOf, oneOf, type } = schema;
  const none = nullable ? [{ type: 'null' }] : [];
  const inner = {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, orNull(value, key !== 'name')]),
      ),
    }),
    ...(anyOf && { anyOf: [...anyOf.map((one) => orNull(one, false)), ...none] }),
    ...(oneOf && { oneOf: [...oneOf.map((one) => orNull(one, false)), ...none] }),
  };
  if (!nullable || anyOf || oneOf || type === undefined) return inner;
  const { description, default: otherwise, ...bare } = inner;
  const told = { ...(description && { description }), ...(otherwise !== undefined && { default: otherwise }) };
  return { ...told, anyOf: [bare, { type: 'null' }] };
}
