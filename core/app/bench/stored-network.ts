import { join } from 'node:path';
import type { FusedConvolution, FusedMetadata, FusedNetwork } from '../../contracts/exporter.js';
import type { FileParts } from '../../contracts/file.js';
import type { NetworkGraph } from '../../contracts/network.js';
import { readJson } from '../../io/files/index.js';
import { openSafetensors } from '../../io/formats/safetensors-file.js';
import { type LazyTensor, safetensorsParts } from '../../io/formats/safetensors.js';

const NUMBERS = 'network.safetensors';
const GRAPH = 'graph.json';

/** A fused network as files, for another process of ours. */
export function storedNetwork({ graph, convolutions, dense }: FusedNetwork): Map<string, FileParts | string> {
  const tensors = new Map<string, LazyTensor>();
  const put = (name: string, shape: readonly number[], values: Float32Array): void =>
    void tensors.set(name, { dtype: 'F32', shape, values: () => values });
  for (const [name, { shape, kernel, bias }] of convolutions) {
    put(`${name}.kernel`, shape, kernel);
    put(`${name}.bias`, [bias.length], bias);
  }
  for (const [name, { weight, bias }] of dense) {
    put(`${name}.weight`, [weight.length / bias.length, bias.length], weight);
    put(`${name}.bias`, [bias.length], bias);
  }
  return new Map<string, FileParts | string>([
    [NUMBERS, safetensorsParts(tensors)],
    [GRAPH, JSON.stringify(graph)],
  ]);
}

export async function readNetwork(folder: string): Promise<FusedNetwork> {
  const graph = readJson(join(folder, GRAPH)) as NetworkGraph;
  const file = await openSafetensors(join(folder, NUMBERS));
  const read = async (name: string) => (await file.read(name)) as Float32Array;
  const convolutions = new Map<string, FusedConvolution>();
  const dense = new Map<string, { weight: Float32Array; bias: Float32Array }>();
  for (const { kind, name } of graph.nodes) {
    if (kind === 'block') {
      const shape = file.shapes.get(`${name}.kernel`) as FusedConvolution['shape'];
      convolutions.set(name, { shape, kernel: await read(`${name}.kernel`), bias: await read(`${name}.bias`) });
    }
    for (const layer of kind === 'dense' ? [name] : kind === 'squeeze-excite' ? [`${name}.down`, `${name}.up`] : [])
      dense.set(layer, { weight: await read(`${layer}.weight`), bias: await read(`${layer}.bias`) });
  }
  await file.close();
  return { graph, convolutions, dense, metadata: NONE };
}

const NONE: FusedMetadata = {
  classes: [],
  normalisation: { mean: [], deviation: [] },
  architecture: {},
  certificate: {},
};
