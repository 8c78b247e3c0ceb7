import fc from 'fast-check';
import type { JsonSchema } from '../../../core/config/json-schema.js';
import { strange } from './mutate.js';

/** Values that a JSON Schema allows, as far as its keywords are those zod writes. */
export function allowed(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, enum: choices, const: only, anyOf, oneOf, properties } = schema;
  if (only !== undefined) return fc.constant(only);
  if (choices) return fc.constantFrom(...choices);
  const members = anyOf ?? oneOf;
  if (members && members.length > 0 && !properties) return fc.oneof(...members.map(allowed));
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer(range(schema, 1, 1000));
    case 'number': {
      const { min, max } = range(schema, Number.EPSILON, 100);
      return fc.double({ min, max, noNaN: true });
    }
    case 'string':
      return fc.string({ minLength: Number(schema['minLength'] ?? 0), maxLength: 20 });
    case 'array':
      return Array.isArray(schema['prefixItems'])
        ? fc.tuple(...(schema['prefixItems'] as JsonSchema[]).map(allowed))
        : fc.array(schema.items ? allowed(schema.items) : strange, { maxLength: 4 });
    case 'object':
      return object(schema);
    default:
      return strange;
  }
}

function range(schema: JsonSchema, step: number, span: number): { min: number; max: number } {
  const number = (keyword: string): number | undefined => {
    const value = schema[keyword];
    return typeof value === 'number' && Math.abs(value) < 2 ** 31 ? value : undefined;
  };
  const below = number('exclusiveMaximum');
  const above = number('exclusiveMinimum');
  const min = number('minimum') ?? (above === undefined ? -span : above + step);
  const max = number('maximum') ?? (below === undefined ? min + span : below - step);
  return { min, max: Math.max(min, max) };
}

function object({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> {
  const values = Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, allowed(inner)]));
  return fc.record(values, { requiredKeys: [...required] });
}

/** What a schema allows, and now and then something else in the place of one of its keys. */
export const nearlyAllowed = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      allowed(schema),
      fc.option(fc.tuple(fc.constantFrom(...Object.keys(schema.properties ?? {}), 'unknown'), strange)),
    )
    .map(([value, other]) => (other ? { ...(value as object), [other[0]]: other[1] } : value));
