import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FusedMetadata, NetworkGraph } from '../../../../core/contracts/index.js';
import { wholeContent } from '../../../../core/io/files/index.js';
import { decodeSafetensors, encodeSafetensors, type TensorsToWrite } from '../../../../core/io/formats/safetensors.js';
import { importNetwork, openCheckpoint } from '../../../../core/io/import/index.js';
import { fuseNetwork, trainedNetwork } from '../../../../core/reparam/network/fuse.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { graphBuilder } from '../../../../plugins/backbones/graph-builder.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { safetensors } from '../../../../plugins/exporters/safetensors.js';
import { exact } from '../../../../plugins/fusers/exact.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { relativeError } from '../../../golden/cases.js';
import { GRAPHS } from '../../../reference/fused-networks.js';
import { randomTrained } from '../../../plugins/exporters/trained-networks.js';

test.before(async () => {
  await cpu.start({});
});

/** A RepVGG, whose blocks are called by the official names. */
function staged(): NetworkGraph {
  const graph = graphBuilder([16, 16, 3], 4);
  graph.block('stage0.block0', { outChannels: 4, stride: 2 });
  graph.block('stage1.block0', { outChannels: 4 });
  graph.add({ kind: 'global-average-pool', name: 'pool' });
  return graph.classify(4);
}

const OFFICIAL = ['conv-kxk', 'conv-1x1', 'identity'];
const all = branchOps.map(({ name }) => name);
const SETS: readonly (readonly string[])[] = [
  all,
  ['conv-1x1', 'identity'],
  ['conv-1xk', 'conv-1x1-avg'],
  ['conv-1x1-kxk', 'identity'],
  ['conv-kxk', 'conv-1x1', 'conv-1x1-kxk', 'conv-1x1-avg'],
  ['conv-kxk'],
];

const metadataOf = (graph: NetworkGraph): FusedMetadata => ({
  classes: Array.from({ length: graph.classes }, (_, index) => `class ${index}`),
  normalisation: {
    mean: Array.from({ length: graph.input[2] }, (_, index) => 0.1 * index),
    deviation: Array.from({ length: graph.input[2] }, (_, index) => 0.5 + 0.1 * index),
  },
  architecture: {},
  certificate: {},
});

async function exported(t: ExecutionContext, graph: NetworkGraph, ops: readonly string[], form: 'fused' | 'training') {
  const supernet = randomTrained(graph, ops);
  const network = fuseNetwork(supernet, { definition: exact, options: {} }, metadataOf(graph));
  const files = await safetensors.export(network, safetensors.options.parse({ form }), {
    trained: () => trainedNetwork(supernet),
  });
  const path = join(temporaryFolder(t), 'model.safetensors');
  writeFileSync(path, wholeContent(files.get('model.safetensors') ?? ''));
  return { network, path };
}

async function imported(path: string) {
  const checkpoint = await openCheckpoint(path);
  try {
    return await importNetwork(checkpoint, createRandomSource(0), { check: { images: 2, size: 16 } });
  } finally {
    await checkpoint.close();
  }
}

for (const [name, graph] of Object.entries(GRAPHS)) {
  for (const form of ['fused', 'training'] as const) {
    test(`${name}, exported in its ${form} form, is imported as the network it was`, async (t) => {
      for (const ops of form === 'fused' ? [all] : SETS) {
        const { network, path } = await exported(t, graph, ops, form);
        const { network: found, certificate, notes } = await imported(path);
        t.deepEqual(found.graph, network.graph);
        t.deepEqual(found.metadata.classes, network.metadata.classes);
        t.deepEqual(found.metadata.normalisation, network.metadata.normalisation);
        t.true(certificate.passed);
        t.deepEqual(notes, []);
        for (const [block, { shape, kernel, bias }] of network.convolutions) {
          const other = found.convolutions.get(block);
          t.deepEqual(other?.shape, shape, block);
          t.true(relativeError(other?.kernel ?? [], kernel) < 1e-6, `${block}, ${ops}`);
          t.true(relativeError(other?.bias ?? [], bias) < 1e-6, `${block}, ${ops}`);
        }
        t.deepEqual(found.dense, network.dense);
      }
    });
  }
}

test('a RepVGG goes by the official names, and keeps its classes, size and normalisation', async (t) => {
  for (const form of ['fused', 'training'] as const) {
    const { network, path } = await exported(t, staged(), OFFICIAL, form);
    const { metadata, graph } = (await imported(path)).network;
    t.deepEqual(metadata.classes, network.metadata.classes);
    t.deepEqual(metadata.normalisation, network.metadata.normalisation);
    t.deepEqual(graph.input, [16, 16, 3]);
  }
});

const RESIDUAL = GRAPHS['residuals with both shortcuts, padded pools'] as NetworkGraph;

const graphOf = (change: (graph: { nodes: Record<string, unknown>[]; [key: string]: unknown }) => void) => {
  const graph = structuredClone(RESIDUAL) as unknown as { nodes: Record<string, unknown>[] };
  change(graph);
  return { 'repnas.graph': JSON.stringify(graph) };
};

const DAMAGES: Readonly<Record<string, readonly [metadata: Record<string, string>, told: RegExp]>> = {
  'is no JSON': [{ 'repnas.graph': '{' }, /metadata 'repnas\.graph'/],
  'has a node of a kind that does not exist': [
    graphOf(({ nodes }) => Object.assign(nodes[0] ?? {}, { kind: 'deconvolution' })),
    /metadata 'repnas\.graph'\).*nodes\.0\.kind/,
  ],
  'has a node that reads none': [
    graphOf(({ nodes }) => Object.assign(nodes[1] ?? {}, { input: 'nothing' })),
    /reads 'nothing'; expected the name of a node before it/,
  ],
  'has channels that do not fit': [
    graphOf(({ nodes }) => Object.assign(nodes[0] ?? {}, { inChannels: 99 })),
    /inChannels is 99; expected/,
  ],
  'has other classes than its network': [{ classes: '["one"]' }, /metadata 'classes'\).*names/],
  'has no normalisation': [{ normalisation: 'null' }, /metadata 'normalisation'\).*mean and deviation/],
};

for (const [what, [metadata, told]] of Object.entries(DAMAGES)) {
  test(`a description that ${what} is refused by its place`, async (t) => {
    const { path } = await exported(t, RESIDUAL, all, 'training');
    const stored = rewritten(path, (name) => name, metadata);
    writeFileSync(path, stored);
    await t.throwsAsync(openCheckpoint(path), { message: told });
  });
}

/** The file with other metadata, and the tensors that are to stay under their names. */
function rewritten(path: string, rename: (name: string) => string | undefined, metadata: Record<string, string> = {}) {
  const decoded = decodeSafetensors(readFileSync(path), path);
  const tensors: TensorsToWrite = new Map(
    [...decoded.tensors].flatMap(([name, tensor]) => {
      const kept = rename(name);
      return kept === undefined ? [] : [[kept, tensor] as const];
    }),
  );
  return encodeSafetensors(tensors, { ...decoded.metadata, ...metadata });
}

test('a block that the file describes and has no tensors of is named', async (t) => {
  const { path } = await exported(t, RESIDUAL, all, 'training');
  const [block] = RESIDUAL.nodes.filter(({ kind }) => kind === 'block');
  writeFileSync(
    path,
    rewritten(path, (name) => (name.startsWith(`${block?.name}.`) ? undefined : name)),
  );
  await t.throwsAsync(imported(path), { message: new RegExp(`block '${block?.name}' has no tensors`) });
});

test('a branch that no op of ours has is named, not left out', async (t) => {
  const { path } = await exported(t, RESIDUAL, all, 'training');
  writeFileSync(
    path,
    rewritten(path, (name) => name.replace('conv-1xk', 'conv-dilated')),
  );
  await t.throwsAsync(imported(path), { message: /also has '.*conv-dilated.*', which is no branch/ });
});
