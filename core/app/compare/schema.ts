import { z } from 'zod';
import type { JsonSchema } from '../../config/json-schema.js';

const config = z.union([z.string().min(1), z.looseObject({})]);

const fields = z.strictObject({
  $schema: z.string().optional(),
  extends: z
    .string()
    .min(1)
    .optional()
    .describe('a comparison that this one stands on: repnas:NAME, or the path of a file in the same folder'),
  shared: config.default({}).describe('recipe, budget, data and network of all entrants: a preset, a path or a config'),
  entrants: z
    .record(
      z.string().regex(/^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/, 'a name of letters and digits, joined by hyphens'),
      config,
    )
    .default({})
    .describe(
      'what differs, by name: a preset, a path or a config laid over the shared one; one with a matrix ({ "key.path": [values] }) stands for every combination',
    ),
  seeds: z
    .union([
      z.int().positive().max(100),
      z
        .array(z.int().min(0))
        .min(1)
        .refine((seeds) => new Set(seeds).size === seeds.length, 'expected each seed once'),
    ])
    .default(3)
    .describe('how many seeds, or which'),
  against: z
    .array(z.string().min(1))
    .default(['plain', 'random'])
    .describe('entrants that every other one is compared with seed by seed, where they take part'),
  equalTime: z
    .strictObject({
      to: z.string().min(1).describe('the entrant whose training time they get'),
      entrants: z.array(z.string().min(1)).min(1).describe('entrants that train once more'),
    })
    .optional()
    .describe('entrants that train once more, for as many epochs as fit in the time that another one took'),
});

/** A comparison as people write it. */
export const comparisonSchema = fields.superRefine(({ extends: parent, entrants }, problems) => {
  if (parent !== undefined || Object.keys(entrants).length >= 2) return;
  problems.addIssue({ code: 'custom', path: ['entrants'], message: 'expected at least two entrants' });
});

/** For `"$schema"`. */
export const comparisonJsonSchema = (): JsonSchema =>
  z.toJSONSchema(comparisonSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

export type Comparison = z.output<typeof comparisonSchema>;

export { type ComparisonFile, defineComparison } from './define.js';
