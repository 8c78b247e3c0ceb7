import { z } from 'zod';
import { defineExporter } from '../../core/contracts/index.js';
import { type LazyTensor, safetensorsParts } from '../../core/formats/safetensors.js';
import { channelsFirst, type LaidOut } from './channels-first.js';
import { isRepvgg, ownNames, repvggNames } from './pytorch-names.js';

/**
 * Kernels and biases in PyTorch's layout (OIHW, outputs x inputs) as safetensors: `NODE.weight` and `NODE.bias`, or the names of
 * the official RepVGG's deploy form. Metadata holds classes, normalisation, architecture and certificate as JSON.
 */
export const safetensors = defineExporter({
  name: 'safetensors',
  summary: "Kernels and biases in PyTorch's names and layout",
  options: z.strictObject({
    names: z
      .enum(['auto', 'nodes', 'repvgg'])
      .default('auto')
      .describe("whose names: our nodes', the official RepVGG's, or the latter where the network is a RepVGG"),
  }),
  export: async (network, { names }) => {
    const { graph, metadata } = network;
    if (names === 'repvgg' && !isRepvgg(graph))
      throw new Error(
        "exporter safetensors: names is 'repvgg', but the network is no RepVGG; expected 'auto' or 'nodes'",
      );
    const nameOf = names === 'nodes' || !isRepvgg(graph) ? ownNames : repvggNames;
    const { convolutions, dense } = channelsFirst(network);
    const tensors = [...convolutions, ...dense].flatMap(([node, numbers]) => pair(nameOf(node), numbers));
    const notes = Object.entries(metadata).map(([key, value]) => [key, JSON.stringify(value)]);
    const file = safetensorsParts(new Map(tensors), { format: 'pt', ...Object.fromEntries(notes) });
    return new Map([['model.safetensors', file]]);
  },
});

const pair = (name: string, { shape, weight, bias }: LaidOut): readonly (readonly [string, LazyTensor])[] => [
  [`${name}.weight`, { dtype: 'F32', shape, values: weight }],
  [`${name}.bias`, { dtype: 'F32', shape: [bias.length], values: () => bias }],
];
