import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../../config/container/plugins.js';
import type { Registry } from '../../config/container/registry.js';
import type { FusedNetwork, OpenModel } from '../../contracts/exporter.js';
import { checkExport } from '../../io/export/check.js';
import { contentLength, writeFolderAtomic } from '../../io/files/index.js';
import { FusedModel } from '../../reparam/network/fuse.js';
import { createRandomSource } from '../../train/random/index.js';
import { benchExported, exportedFormat } from './deploy-exported.js';
import { bytesAs, openDeployModel } from './deploy-model.js';
import { inProgram, measureRows, type Subject } from './deploy-rows.js';
import type { DeployOptions, DeployReport } from './report.js';
import { storedNetwork } from './stored-network.js';

/**
 * Times a network, unfused and fused on our engine and exported in onnxruntime-node, all in the same run and in turns.
 *
 * @param model a run folder; a checkpoint: of another program, or what `export` wrote as safetensors; or an exported model, which is
 *   measured in the program that reads it
 */
export async function benchDeploy(model: string, options: DeployOptions): Promise<DeployReport> {
  const { milliseconds, warn, ...where } = options;
  const source = { ...where, model };
  const format = exportedFormat(model);
  if (format !== undefined) return benchExported(source, format, milliseconds);
  const opened = await openDeployModel(source, warn);
  const folder = mkdtempSync(join(tmpdir(), 'repnas-deploy-'));
  const { network, unfused } = opened;
  const fused = new FusedModel(network);
  let program: OpenModel | undefined;
  try {
    const { registry } = await createRunContainer();
    writeFolderAtomic(folder, storedNetwork(network));
    const other = await openOnnx(registry, network, fused, folder);
    program = other.program;
    const [height, width, channels] = network.graph.input;
    const ours = (row: 'unfused' | 'fused', file: number, infer: (x: tf.Tensor4D) => tf.Tensor): Subject => ({
      name: row,
      row,
      file,
      task: (images, count) => {
        const x = tf.tensor4d(images, [count, height, width, channels]);
        return () => inference(() => infer(x));
      },
    });
    const subjects: Subject[] = [
      ...(unfused ? [ours('unfused', unfused.bytes, (x) => unfused.infer(x))] : []),
      ours('fused', await bytesAs(registry, network, 'fused'), (x) => fused.infer(x)),
      ...(program ? [inProgram(program, other.size, network.graph.input)] : []),
    ];
    const order = { source, folder, image: network.graph.input, format: 'onnx' };
    const entries = await measureRows(subjects, order, milliseconds);
    const { name, device } = opened.engine;
    return { model, engine: name, device, image: network.graph.input, entries, checked: other.checked };
  } finally {
    await program?.close();
    fused.dispose();
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the network as ONNX and opens it, once it is known to compute the same. */
async function openOnnx(registry: Registry, network: FusedNetwork, model: FusedModel, folder: string) {
  const definition = registry.part('exporter', 'onnx');
  const options = definition.options.parse({});
  const files = await definition.export(network, options);
  const path = join(folder, 'onnx');
  writeFolderAtomic(path, files);
  const exporter = { definition, options };
  const images = () => randomImages(network);
  const checked = await checkExport({ exporter, folder: path, model, images, random: true });
  const found = 'check' in checked ? await definition.open?.(path, options, { often: true }) : undefined;
  const size = [...files.values()].reduce((sum, content) => sum + contentLength(content), 0);
  return { size, program: found && 'infer' in found ? found : undefined, checked };
}

async function* randomImages({ graph }: FusedNetwork) {
  const [height, width, channels] = graph.input;
  const stream = createRandomSource(0).stream('deploy:check');
  yield { images: Float32Array.from({ length: 4 * height * width * channels }, () => stream.normal()), size: 4 };
}

async function inference(infer: () => tf.Tensor): Promise<void> {
  const logits = tf.tidy(infer);
  await logits.data();
  logits.dispose();
}
