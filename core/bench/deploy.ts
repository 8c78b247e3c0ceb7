import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../container/plugins.js';
import type { EngineSession } from '../contracts/engine.js';
import type { Exporter, ExportSources, FusedNetwork, OpenModel } from '../contracts/exporter.js';
import type { ExportChecked } from '../export/checked.js';
import { checkExport } from '../export/check.js';
import { contentLength, writeFolderAtomic } from '../files/index.js';
import { fuseNetwork } from '../network/fuse.js';
import { FusedModel } from '../network/fused.js';
import type { Supernet } from '../network/supernet.js';
import { trainedNetwork } from '../network/trained.js';
import { createRandomSource } from '../random/index.js';
import { type ReopenedRun, reopenRun } from '../run/reopen.js';
import { type Task, type Timing, timeInTurns } from '../timing/index.js';

/** Images in a batch: an answer at once, and as many as possible. */
export const BATCHES = [1, 32] as const;

export interface DeployOptions {
  /** How long each figure is measured at least. */
  readonly milliseconds: number;
  readonly engine?: string | undefined;
  warn(message: string): void;
}

/** What it takes to answer with one form of a network in one program. */
export interface DeployEntry {
  readonly name: string;
  /** Milliseconds for a batch, by its size. */
  readonly latency: Readonly<Record<(typeof BATCHES)[number], Timing>>;
  /** Images a second in the larger batch. */
  readonly throughput: number;
  /** Bytes that it took at most. Ours: its numbers and, by the engine's count, what comes and goes; of another program: how much the process grew. */
  readonly memory: number;
  /** Bytes of its numbers as a file. */
  readonly file: number;
}

export interface DeployReport {
  readonly model: string;
  readonly engine: string;
  readonly device: string;
  readonly image: readonly number[];
  readonly entries: readonly DeployEntry[];
  /** What the other program made of the exported network; why it was not asked. */
  readonly checked: ExportChecked;
}

interface Subject {
  readonly name: string;
  readonly file: number;
  /** Loads it, if that takes memory, and gives what is timed for a batch of images. */
  task(images: Float32Array, count: number): Task;
  memory(run: () => Promise<void>): Promise<number>;
}

/** Times a finished run's network, unfused and fused on our engine and exported in onnxruntime-node, all in the same run and in turns. */
export async function benchDeploy(model: string, { milliseconds, engine, warn }: DeployOptions): Promise<DeployReport> {
  const reopened = await reopenRun(model, { set: engine === undefined ? [] : [`engine=${engine}`], warn });
  const folder = mkdtempSync(join(tmpdir(), 'repnas-deploy-'));
  const { supernet } = reopened.contestant;
  const network = fusedNetwork(reopened);
  const fused = new FusedModel(network);
  let opened: OpenModel | undefined;
  try {
    const files = await filesOf(network, supernet);
    const { size, program, checked, grown } = await openOnnx(network, fused, folder);
    opened = program;
    const [height, width, channels] = network.graph.input;
    const ours = (name: string, file: number, infer: (x: tf.Tensor4D) => tf.Tensor): Subject => ({
      name,
      file,
      task: (images, count) => {
        const x = tf.tensor4d(images, [count, height, width, channels]);
        return () => inference(() => infer(x));
      },
      memory: async (run) => file + (await tensorsOf(reopened.session, run)),
    });
    const subjects: Subject[] = [
      ours('unfused', files.training, (x) => supernet.infer(x)),
      ours('fused', files.fused, (x) => fused.infer(x)),
    ];
    if (program)
      subjects.push({
        name: `fused, ${program.program}`,
        file: size,
        task: (images, count) => {
          const shape = [count, height, width, channels] as const;
          const run = program.ready?.(images, shape) ?? (() => program.infer(images, shape));
          return async () => void (await run());
        },
        memory: async (run) => grown + (await growthOf(run)),
      });
    const entries = await measure(subjects, network, milliseconds);
    return { model, ...reopened.engine, engine: reopened.engine.name, image: network.graph.input, entries, checked };
  } finally {
    await opened?.close();
    fused.dispose();
    await reopened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  subjects: readonly Subject[],
  { graph }: FusedNetwork,
  milliseconds: number,
): Promise<DeployEntry[]> {
  const [height, width, channels] = graph.input;
  const stream = createRandomSource(0).stream('deploy:images');
  const images = Float32Array.from({ length: BATCHES[1] * height * width * channels }, () => stream.normal());
  const latency = new Map<number, Record<string, Timing>>();
  const memory = new Map<string, number>();
  for (const count of BATCHES) {
    const some = images.subarray(0, count * height * width * channels);
    const tasks = new Map(subjects.map((subject) => [subject, subject.task(some, count)] as const));
    for (const [subject, task] of tasks) memory.set(subject.name, await subject.memory(task));
    const named = Object.fromEntries([...tasks].map(([{ name }, task]) => [name, task]));
    latency.set(count, await timeInTurns(named, { milliseconds }));
  }
  return subjects.map(({ name, file }) => {
    const [one, many] = BATCHES.map((count) => latency.get(count)?.[name]) as [Timing, Timing];
    const throughput = (1000 * BATCHES[1]) / many.median;
    return { name, file, latency: { 1: one, 32: many }, throughput, memory: memory.get(name) ?? 0 };
  });
}

function fusedNetwork({ contestant, parts }: ReopenedRun): FusedNetwork {
  const { supernet } = contestant;
  const [, , channels] = supernet.graph.input;
  const normalisation = { mean: Array(channels).fill(0), deviation: Array(channels).fill(1) };
  const metadata = { classes: [], normalisation, architecture: supernet.blocks.architecture(), certificate: {} };
  return fuseNetwork(supernet, parts.fuser, metadata);
}

/** Bytes of the network as safetensors, with all its branches and without. */
async function filesOf(network: FusedNetwork, supernet: Supernet) {
  const sources: ExportSources = { trained: () => trainedNetwork(supernet) };
  const bytes = async (form: string): Promise<number> => {
    const exporter = await exporterOf('safetensors');
    const files = await exporter.export(network, exporter.options.parse({ form }), sources);
    return [...files.values()].reduce((sum, content) => sum + contentLength(content), 0);
  };
  return { training: await bytes('training'), fused: await bytes('fused') };
}

/** Writes the network as ONNX and opens it, once it is known to compute the same. */
async function openOnnx(network: FusedNetwork, model: FusedModel, folder: string) {
  const definition = await exporterOf('onnx');
  const options = definition.options.parse({});
  const files = await definition.export(network, options);
  const path = join(folder, 'onnx');
  writeFolderAtomic(path, files);
  const exporter = { definition, options };
  const checked = await checkExport({ exporter, folder: path, model, images: () => randomImages(network) });
  const before = process.memoryUsage.rss();
  const found = 'check' in checked ? await definition.open?.(path, options, { often: true }) : undefined;
  const size = [...files.values()].reduce((sum, content) => sum + contentLength(content), 0);
  const program = found && 'infer' in found ? found : undefined;
  return { size, program, checked, grown: Math.max(0, process.memoryUsage.rss() - before) };
}

async function* randomImages({ graph }: FusedNetwork) {
  const [height, width, channels] = graph.input;
  const stream = createRandomSource(0).stream('deploy:check');
  yield { images: Float32Array.from({ length: 4 * height * width * channels }, () => stream.normal()), size: 4 };
}

async function exporterOf(name: string): Promise<Exporter> {
  const { registry } = await createRunContainer();
  return registry.part('exporter', name);
}

async function inference(infer: () => tf.Tensor): Promise<void> {
  const logits = tf.tidy(infer);
  await logits.data();
  logits.dispose();
}

/** Bytes of tensors that come and go while something runs. */
async function tensorsOf(session: EngineSession, run: () => Promise<void>): Promise<number> {
  session.resetPeak();
  const { bytes } = session.memory();
  await run();
  return session.memory().peakBytes - bytes;
}

async function growthOf(run: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  await run();
  return Math.max(0, process.memoryUsage.rss() - before);
}
