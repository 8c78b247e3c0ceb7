import { z } from 'zod';

/** No window, stride or padding of a network is wider, no layer has more channels or units. */
const SIDE = 2 ** 13;
const UNITS = 2 ** 20;

const side = z.int().min(0).max(SIDE);
const sides = z.union([side, z.array(side).max(2), z.array(z.array(side).max(2)).max(2), z.enum(['valid', 'same'])]);

const layer = z.looseObject({
  class_name: z.string(),
  name: z.string(),
  config: z.looseObject({
    batch_input_shape: z.array(side.nullable()).length(4).optional(),
    filters: z.int().min(1).max(UNITS).optional(),
    units: z.int().min(1).max(UNITS).optional(),
    depth_multiplier: z.int().min(1).max(UNITS).optional(),
    kernel_size: sides.optional(),
    pool_size: sides.optional(),
    strides: sides.optional(),
    padding: sides.optional(),
  }),
  inbound_nodes: z.array(z.array(z.tuple([z.string(), z.literal(0), z.literal(0), z.strictObject({})]))),
});

const layersModel = z.looseObject({
  modelTopology: z.looseObject({ config: z.looseObject({ layers: z.array(layer).max(2 ** 16) }) }),
});

const manifest = z.looseObject({
  weightsManifest: z.array(
    z.looseObject({
      paths: z.array(z.string()),
      weights: z.array(
        z.looseObject({
          name: z.string(),
          shape: z.array(
            z
              .int()
              .min(0)
              .max(2 ** 31),
          ),
        }),
      ),
    }),
  ),
});

/**
 * Holds a `model.json` to what the exporter writes, before TensorFlow.js reads it: that one waits for ever for a layer that is
 * read before it is there, and makes arrays of any size it is told.
 *
 * @returns what is wrong; nothing where it may be read
 */
export function wrongDescription(described: unknown): string | undefined {
  const problem = manifest.safeParse(described).error ?? undefined;
  if (problem) return inWords(problem);
  if ((described as { format?: unknown }).format === 'graph-model') return undefined;
  const parsed = layersModel.safeParse(described);
  if (!parsed.success) return inWords(parsed.error);
  const there = new Set<string>();
  for (const { class_name: kind, name, inbound_nodes: nodes } of parsed.data.modelTopology.config.layers) {
    const calls = kind === 'InputLayer' ? 0 : 1;
    if (nodes.length !== calls || nodes.some((inputs) => inputs.length === 0))
      return `layer '${name}' is called ${nodes.length} times; expected ${calls}`;
    const missing = nodes.flat().find(([input]) => !there.has(input));
    if (missing) return `layer '${name}' reads '${missing[0]}', which no layer before it gives`;
    if (there.has(name)) return `two layers are named '${name}'`;
    there.add(name);
  }
  return undefined;
}

const inWords = ({ issues: [first] }: z.ZodError): string => `${first?.path.join('.')}: ${first?.message}`;
