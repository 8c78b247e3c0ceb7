import { z } from 'zod';
import { defineExporter, type ExportSources, type FusedNetwork } from '../../core/contracts/index.js';
import { type LazyTensor, safetensorsParts } from '../../core/io/formats/safetensors.js';
import { GRAPH_NOTE } from '../../core/io/formats/stored-graph.js';
import { NAMES_NOTE } from '../../core/io/import/described-network.js';
import { channelsFirst, type LaidOut } from './channels-first.js';
import { isRepvgg, type NetworkNames, ownNames, repvggNames, timmNames } from './pytorch-names.js';
import { trainingForm } from './training-form.js';

const NAMES = { nodes: ownNames, repvgg: repvggNames, timm: timmNames };

/**
 * Numbers in PyTorch's layout (kernels OIHW, dense weights outputs x inputs) as safetensors. The fused form has `NODE.weight` and
 * `NODE.bias`, or the names of RepVGG's deploy form. The training form has every branch with its batch-norms, by the names of
 * RepVGG's, DBB's or ACNet's block where the block is one of theirs (else `NODE.BRANCH.KERNEL` and `NODE.BRANCH.NORM`). Metadata
 * holds the graph, classes, normalisation, architecture and certificate as JSON, by which `repnas import` reads the file again.
 */
export const safetensors = defineExporter({
  name: 'safetensors',
  summary: "Kernels and biases, or the branches as they were trained, in PyTorch's names and layout",
  options: z.strictObject({
    names: z
      .enum(['auto', 'nodes', 'repvgg', 'timm'])
      .default('auto')
      .describe("our nodes', the official RepVGG's, timm's; auto: the official ones where the network is a RepVGG"),
    form: z.enum(['fused', 'training']).default('fused').describe('one convolution a block, or all its branches'),
  }),
  export: async (network, { names, form }, sources) => {
    const { graph, metadata } = network;
    if ((names === 'repvgg' || names === 'timm') && !isRepvgg(graph))
      throw new Error(
        `exporter safetensors: names is '${names}', but the network is no RepVGG; expected 'auto' or 'nodes'`,
      );
    const called = names === 'auto' ? (isRepvgg(graph) ? 'repvgg' : 'nodes') : names;
    const notes = Object.entries(metadata).map(([key, value]) => [key, JSON.stringify(value)]);
    const source = names === 'auto' && form === 'fused' ? sources?.sourceNames?.() : undefined;
    const tensors =
      form === 'fused'
        ? source
          ? asItCame(network, source)
          : fusedForm(network, NAMES[called])
        : trainingForm(network, trained(sources), NAMES[called], called === 'timm');
    const stems = source
      ? Object.fromEntries([...source].map(([node, { name }]) => [node, name]))
      : called === 'nodes'
        ? undefined
        : stemsOf(network, NAMES[called], form === 'fused');
    const described = {
      [GRAPH_NOTE]: JSON.stringify(graph),
      ...(stems && { [NAMES_NOTE]: JSON.stringify(stems) }),
      ...Object.fromEntries(notes),
    };
    const file = safetensorsParts(tensors, { format: 'pt', ...described });
    return new Map([['model.safetensors', file]]);
  },
});

function fusedForm(network: FusedNetwork, names: NetworkNames): ReadonlyMap<string, LazyTensor> {
  const { convolutions, dense } = channelsFirst(network);
  return new Map([...convolutions, ...dense].flatMap(([node, numbers]) => pair(names.folded(node), numbers)));
}

/** By the names of the checkpoint's own deploy form, dense layers as the 1x1 convolutions that they were. */
function asItCame(
  network: FusedNetwork,
  source: NonNullable<ReturnType<NonNullable<ExportSources['sourceNames']>>>,
): ReadonlyMap<string, LazyTensor> {
  const { convolutions, dense } = channelsFirst(network);
  return new Map(
    [...convolutions, ...dense].flatMap(([node, numbers]) => {
      const { name = node, convolution = false } = source.get(node) ?? {};
      const shape = convolution && numbers.shape.length === 2 ? [...numbers.shape, 1, 1] : numbers.shape;
      return pair(name, { ...numbers, shape });
    }),
  );
}

/** What the file calls each node that has numbers. */
function stemsOf({ graph }: FusedNetwork, names: NetworkNames, folded: boolean): Record<string, string> {
  return Object.fromEntries(
    graph.nodes.flatMap(({ kind, name }) =>
      kind === 'block'
        ? [[name, folded ? names.folded(name) : names.node(name)]]
        : kind === 'dense'
          ? [[name, names.node(name)]]
          : [],
    ),
  );
}

function trained({ trained }: ExportSources = {}) {
  if (trained) return trained();
  throw new Error(
    "exporter safetensors: form is 'training', but only the fused network is known here; export a finished run",
  );
}

const pair = (name: string, { shape, weight, bias }: LaidOut): readonly (readonly [string, LazyTensor])[] => [
  [`${name}.weight`, { dtype: 'F32', shape, values: weight }],
  [`${name}.bias`, { dtype: 'F32', shape: [bias.length], values: () => bias }],
];
