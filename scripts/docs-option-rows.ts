import type { JsonSchema } from '../core/config/json-schema.js';

/** One option as a person reads it. */
export interface OptionRow {
  /** Dotted path below the part. */
  readonly path: string;
  readonly value: string;
  /** As JSON; absent where there is none. */
  readonly otherwise?: string;
  readonly description: string;
}

/** Every option of a schema, objects opened up. */
export function optionRows(schema: JsonSchema, path = ''): OptionRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (inner.properties) return optionRows(inner, at);
    const variants = (inner.anyOf ?? inner.oneOf ?? []).filter(({ properties }) => properties);
    const opened = variants.length > 0 && variants.every(({ properties }) => properties?.['name']?.const);
    return opened ? [row(at, inner), ...variants.flatMap((variant) => variantRows(variant, at))] : [row(at, inner)];
  });
}

/** The options that go with one name among several. */
function variantRows(variant: JsonSchema, path: string): OptionRow[] {
  const name = variant.properties?.['name']?.const;
  return optionRows(variant, path)
    .filter((option) => option.path !== `${path}.name`)
    .map((option) => ({ ...option, description: `With \`${name}\`: ${option.description}`.replace(/: $/, '.') }));
}

const row = (path: string, schema: JsonSchema): OptionRow => ({
  path,
  value: written(schema).replaceAll('|', '\\|'),
  ...(schema.default !== undefined && { otherwise: JSON.stringify(schema.default).replaceAll('|', '\\|') }),
  description: (schema.description ?? '').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{', '&#123;'),
});

/** What may be written, in words. */
function written(schema: JsonSchema): string {
  const { type, enum: values, const: only, items, anyOf, oneOf } = schema;
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (values) return values.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  const several = anyOf ?? oneOf;
  if (several) return [...new Set(several.map(named))].join(' or ');
  if (type === 'array') return arrayOf(schema, items);
  return `${type ?? 'anything'}${range(schema)}`;
}

/** An alternative that is an object goes by its name where it has one. */
const named = (schema: JsonSchema): string => {
  const name = schema.properties?.['name']?.const;
  return name === undefined ? written(schema) : `\`{ name: ${JSON.stringify(name)}, … }\``;
};

function arrayOf({ prefixItems }: JsonSchema, items: JsonSchema | undefined): string {
  if (Array.isArray(prefixItems)) return `\`[\`${prefixItems.map(written).join(', ')}\`]\``;
  return `list of ${items ? written(items) : 'anything'}`;
}

/** The limits of a number; those of the number format itself say nothing. */
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const limit = (value: unknown, sign: string) =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? [`${sign} ${value}`] : [];
  const limits = [
    ...limit(minimum, '≥'),
    ...limit(exclusiveMinimum, '>'),
    ...limit(maximum, '≤'),
    ...limit(exclusiveMaximum, '<'),
  ];
  return limits.length > 0 ? ` ${limits.join(', ')}` : '';
}
