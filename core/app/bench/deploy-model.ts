import { statSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../../config/container/plugins.js';
import type { Registry } from '../../config/container/registry.js';
import type { ExportSources, FusedNetwork } from '../../contracts/exporter.js';
import { contentLength } from '../../io/files/index.js';
import { importNetwork, openCheckpoint, openUnfused, whyBlocksAlone } from '../../io/import/index.js';
import { fuseNetwork, trainedNetwork } from '../../reparam/network/fuse.js';
import { UnfusedModel } from '../../reparam/network/unfused-model.js';
import { createRandomSource } from '../../train/random/index.js';
import { enginesNamed, startEngine } from '../../run/engine.js';
import { RefusedError } from '../../run/errors.js';
import { reopenRun } from '../../run/reopen.js';
import type { DeploySource } from './report.js';

/** A network on an engine, with its branches and without. */
export interface DeployModel {
  readonly engine: { readonly name: string; readonly device: string };
  readonly network: FusedNetwork;
  /** As it was trained; absent where it came without its branches. */
  readonly unfused?: { infer(images: tf.Tensor4D): tf.Tensor; readonly bytes: number };
  close(): Promise<void>;
}

export const isCheckpoint = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** @throws FileError, RefusedError when the model cannot be opened or its network is not known */
export const openDeployModel = (source: DeploySource, warn: (message: string) => void): Promise<DeployModel> =>
  isCheckpoint(source.model) ? ofCheckpoint(source) : ofRun(source, warn);

async function ofRun(
  { model, engine, trustPlugins }: DeploySource,
  warn: (message: string) => void,
): Promise<DeployModel> {
  const reopened = await reopenRun(model, {
    set: engine === undefined ? [] : [`engine=${engine}`],
    trustPlugins,
    warn,
  });
  const { supernet } = reopened.candidate;
  const channels = supernet.graph.input[2];
  const normalisation = { mean: Array(channels).fill(0), deviation: Array(channels).fill(1) };
  const metadata = { classes: [], normalisation, architecture: supernet.blocks.architecture(), certificate: {} };
  const network = fuseNetwork(supernet, reopened.parts.fuser, metadata);
  const { registry } = await createRunContainer();
  const sources: ExportSources = { trained: () => trainedNetwork(supernet) };
  const bytes = await bytesAs(registry, network, 'training', sources);
  const trained = new UnfusedModel(supernet);
  const close = async () => {
    trained.dispose();
    await reopened.close();
  };
  return { engine: reopened.engine, network, unfused: { infer: (x) => trained.infer(x), bytes }, close };
}

async function ofCheckpoint({ model, engine = 'auto', size }: DeploySource): Promise<DeployModel> {
  const checkpoint = await openCheckpoint(model);
  try {
    const why = whyBlocksAlone(checkpoint);
    if (why !== undefined) throw new RefusedError(`${model}: the network cannot be run: ${why}`);
    const { registry } = await createRunContainer();
    const { name, session } = await startEngine(enginesNamed(registry, engine));
    const input = size && { input: size };
    const { network } = await importNetwork(checkpoint, createRandomSource(0), { ...input });
    const branched = Object.values(network.metadata.architecture).some((branches) => branches.length > 1);
    const unfused = branched ? await openUnfused(checkpoint, size) : undefined;
    return {
      engine: { name, device: session.device },
      network,
      ...(unfused && { unfused }),
      close: async () => {
        unfused?.dispose();
        await session.stop();
      },
    };
  } finally {
    await checkpoint.close();
  }
}

/** Bytes of a network as safetensors, with all its branches or without. */
export async function bytesAs(
  registry: Registry,
  network: FusedNetwork,
  form: 'fused' | 'training',
  sources: ExportSources = {},
): Promise<number> {
  const exporter = registry.part('exporter', 'safetensors');
  const files = await exporter.export(network, exporter.options.parse({ form }), sources);
  return [...files.values()].reduce((sum, content) => sum + contentLength(content), 0);
}
