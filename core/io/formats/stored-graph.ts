import { z } from 'zod';
import type { NetworkGraph } from '../../contracts/network.js';
import { FileError, parseJson } from '../files/index.js';
import { shapes } from '../../reparam/network/shapes.js';

/** Under which name a file's metadata has the graph. */
export const GRAPH_NOTE = 'repnas.graph';

const MAX_NODES = 10_000;
const LARGEST = 2 ** 20;
const count = z.int().min(1).max(LARGEST);
const activation = z.enum(['relu', 'none', 'relu6', 'silu', 'hard-swish', 'gelu']);
const base = { name: z.string(), input: z.string() };
const pooling = { ...base, size: count, stride: count, padding: z.int().min(0).max(LARGEST) };

const node = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('block'),
    ...base,
    inChannels: count,
    outChannels: count,
    kernelSize: count,
    stride: count,
    groups: count,
    activation,
    searchable: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('max-pool'), ...pooling }),
  z.strictObject({ kind: z.literal('average-pool'), ...pooling }),
  z.strictObject({ kind: z.literal('global-average-pool'), ...base }),
  z.strictObject({ kind: z.literal('flatten'), ...base }),
  z.strictObject({ kind: z.literal('dropout'), ...base, rate: z.number().min(0).lt(1).exactOptional() }),
  z.strictObject({ kind: z.literal('dense'), ...base, inputs: count, outputs: count, activation }),
  z.strictObject({ kind: z.literal('add'), ...base, other: z.string(), activation }),
  z.strictObject({
    kind: z.literal('squeeze-excite'),
    ...base,
    channels: count,
    inner: count,
    gate: z.enum(['sigmoid', 'hard-sigmoid']),
    activation,
  }),
  z.strictObject({ kind: z.literal('subsample'), ...base, stride: count, outChannels: count, inChannels: count }),
]);

const graph = z.strictObject({
  input: z.tuple([count, count, count]).readonly(),
  classes: count,
  nodes: z.array(node).max(MAX_NODES),
});

/**
 * A network's graph from JSON that somebody else may have written.
 *
 * @param source what the error messages call the text
 * @throws FileError naming the node, what was found and what was expected
 */
export function parseGraph(text: string, source: string): NetworkGraph {
  const parsed = graph.safeParse(parseJson(Buffer.from(text), source));
  if (!parsed.success) {
    const [{ path, message } = { path: [], message: 'is no graph' }] = parsed.error.issues;
    throw new FileError(source, `${path.join('.') || 'the graph'}: ${message}`);
  }
  try {
    shapes(parsed.data);
  } catch (error) {
    throw new FileError(source, (error as Error).message, { cause: error });
  }
  return parsed.data;
}
