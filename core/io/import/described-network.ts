import { z } from 'zod';
import type { FusedMetadata } from '../../contracts/exporter.js';
import type { NetworkGraph } from '../../contracts/network.js';
import { FileError, parseJson } from '../files/index.js';
import { GRAPH_NOTE, parseGraph } from '../formats/stored-graph.js';

/** What a safetensors file of ours says of the network that its numbers are of. */
export interface DescribedNetwork {
  readonly graph: NetworkGraph;
  readonly classes: readonly string[];
  readonly normalisation: FusedMetadata['normalisation'];
  /** What the file calls nodes, where it calls them otherwise. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Under which name a file's metadata has the names. */
export const NAMES_NOTE = 'repnas.names';

const classes = z.array(z.string());
const values = z.array(z.number());
const called = z.record(z.string(), z.string());
const normalisation = z.strictObject({ mean: values, deviation: values });

/**
 * Reads the description from a file's metadata; undefined where there is none, as in everybody else's files.
 *
 * @throws FileError naming the file, what was found and what was expected
 */
export function describedNetwork(
  metadata: Readonly<Record<string, string>>,
  path: string,
): DescribedNetwork | undefined {
  const text = metadata[GRAPH_NOTE];
  if (text === undefined) return undefined;
  const graph = parseGraph(text, `${path} (metadata '${GRAPH_NOTE}')`);
  const [, , channels] = graph.input;
  const read = <Value>(name: string, schema: z.ZodType<Value>, length: (value: Value) => boolean, expected: string) => {
    const source = `${path} (metadata '${name}')`;
    const parsed = schema.safeParse(parseJson(Buffer.from(metadata[name] ?? 'null'), source));
    if (!parsed.success || !length(parsed.data)) throw new FileError(source, `is not ${expected}`);
    return parsed.data;
  };
  const names =
    metadata[NAMES_NOTE] === undefined ? {} : { names: read(NAMES_NOTE, called, () => true, 'names by node') };
  return {
    ...names,
    graph,
    classes: read('classes', classes, (names) => names.length === graph.classes, `${graph.classes} names`),
    normalisation: read(
      'normalisation',
      normalisation,
      ({ mean, deviation }) => fits(mean.length, channels) && fits(deviation.length, channels),
      `mean and deviation, ${channels} numbers each`,
    ),
  };
}

/** Files of grey images were once written with the three figures of coloured ones. */
const fits = (length: number, channels: number): boolean => length === channels || (channels === 1 && length === 3);
