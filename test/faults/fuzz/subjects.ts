import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { configSchema } from '../../../core/config/config-schema.js';
import type { JsonSchema } from '../../../core/config/json-schema.js';
import { loadConfig } from '../../../core/config/load.js';
import { ConfigError } from '../../../core/config/problem.js';
import { createRunContainer } from '../../../core/config/container/plugins.js';
import { formatArchitecture, readArchitecture } from '../../../core/io/formats/architecture.js';
import { openPth } from '../../../core/io/formats/pth.js';
import { PthTensor } from '../../../core/io/formats/pth-tensor.js';
import { decodeSafetensors, encodeSafetensors } from '../../../core/io/formats/safetensors.js';
import { openSafetensors } from '../../../core/io/formats/safetensors-file.js';
import { readRecords } from '../../../plugins/datasets/cifar-records.js';
import { readIdx } from '../../../plugins/datasets/idx-file.js';
import { jsonl } from '../../../plugins/observers/jsonl.js';
import { fileSubject, generatedSubject, jsonSubject, type Subject } from './file-subject.js';
import { allowed, nearlyAllowed } from './from-schema.js';
import { pickles } from './generated-pickles.js';
import { safetensorsFiles } from './generated-safetensors.js';
import { modelSubjects } from './model-subjects.js';
import { mutatedJson } from './mutate.js';
import { reportSubjects } from './report-subjects.js';

const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/', import.meta.url));

function idxFile(dimensions: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length);
  for (const [axis, count] of dimensions.entries()) header.writeUInt32BE(count, 4 + 4 * axis);
  const size = dimensions.reduce((product, count) => product * count, 1);
  return Buffer.concat([header, Buffer.alloc(size, 7)]);
}

const ARCHITECTURE = {
  backbone: 'vgg',
  blocks: { conv1: ['conv-kxk', 'conv-1x1'], conv2: ['identity'], 'stage2.conv1': ['conv-1x1-kxk', 'conv-1x1-avg'] },
  origin: { strategy: 'repnas', seed: 1, kept: 5, gates: 20 },
};

const CONFIG = {
  extends: ['repnas:quickstart'],
  strategy: 'repnas',
  searchSpace: { name: 'per-block', branches: ['conv-kxk', { name: 'conv-1x1-kxk' }] },
  backbone: { name: 'vgg', depth: 11, width: 0.25 },
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3 },
  budget: { keptRatio: 0.5 },
  train: { epochs: { warmUp: 1, search: 1, frozen: 1 }, optimizer: { name: 'adam', betas: [0.9, 0.99] }, clip: false },
  observers: ['jsonl', { name: 'csv', rows: 'step' }],
  export: ['tfjs'],
  engine: 'cpu',
  seed: 3,
};

/** A config that holds, with some keys drawn from what the schema allows them. */
const partly = ({ properties = {} }: JsonSchema): fc.Arbitrary<unknown> =>
  fc
    .uniqueArray(fc.constantFrom(...Object.keys(properties)), { minLength: 1, maxLength: 4 })
    .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, allowed(properties[key] as JsonSchema)]))))
    .map((drawn) => ({ ...CONFIG, ...(drawn as object) }));

const configLocated = (error: unknown): boolean =>
  error instanceof ConfigError && error.problems.every(({ found, expected }) => found !== '' && expected !== '');

async function configs(folder: string): Promise<Record<string, Subject>> {
  const schema = configSchema((await createRunContainer()).registry);
  const load = async (value: unknown): Promise<void> => void (await loadConfig(value as object, { cwd: folder }));
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
  const file =
    (name: string) =>
    async (path: string): Promise<void> =>
      void (await loadConfig(path, { cwd: name }));
  const yaml = `extends: repnas:quickstart\nbackbone: &b {name: vgg, depth: 11}\ntrain:\n  epochs: {warmUp: 1, search: 1}\n  batchSize: 16\nobservers: [jsonl, csv]\n`;
  return {
    'config from the schema': {
      inputs: fc.oneof(partly(schema), nearlyAllowed(schema)),
      read: load,
      located: configLocated,
    },
    'config by mutation': { inputs: mutatedJson([CONFIG]).filter(isObject), read: load, located: configLocated },
    'config file, JSON': {
      ...jsonSubject(join(folder, 'config.json'), CONFIG, file(folder)),
      located: configLocated,
    } as Subject,
    'config file, YAML': {
      ...fileSubject(join(folder, 'config.yaml'), [Buffer.from(yaml)], file(folder)),
      located: configLocated,
    } as Subject,
  };
}

/** Every reader, by the name of what it reads. Files lie in `folder`. */
export async function subjects(folder: string): Promise<Record<string, Subject>> {
  const at = (name: string): string => join(folder, name);
  const tensors = encodeSafetensors(
    new Map([
      ['a.kernel', { shape: [3, 3, 2, 4], values: new Float32Array(72).fill(0.5) }],
      ['a.norm.mean', { shape: [4], values: new Float64Array(4) }],
      ['steps', { shape: [2], values: Int32Array.of(1, 2) }],
      ['mask', { shape: [5], values: new Uint8Array(5) }],
    ]),
    { format: 'pt' },
  );
  const layout = { classes: 10, labelBytes: 1, recordsPerFile: 4, advice: 'as it should be' };
  const records = Buffer.alloc(4 * 3073, 3);
  const events = Array.from({ length: 40 }, (_, sequence) =>
    JSON.stringify({ type: 'step', step: sequence + 1, loss: 1.5, sequence }),
  ).join('\n');
  const pth = (name: string): Uint8Array => readFileSync(join(FIXTURES, name));
  const context = { folder, firstSequence: 20, interactive: false, warn: () => undefined };
  mkdirSync(at('run'), { recursive: true });
  const readers: Record<string, Subject<Uint8Array>> = {
    IDX: fileSubject(
      at('idx'),
      [idxFile([6, 5, 5]), idxFile([4, 3, 3, 2]), gzipSync(idxFile([6, 5, 5]))],
      async (path) => {
        await readIdx(path, [3, 4], 'as it should be');
      },
    ),
    CIFAR: fileSubject(at('records.bin'), [records], async () => {
      await readRecords(folder, ['records.bin'], layout);
    }),
    'safetensors, generated': generatedSubject(at('generated.safetensors'), safetensorsFiles, async (path) => {
      const [whole, streamed] = await Promise.allSettled([readWhole(path), readStreamed(path)]);
      // What one of the two readers takes for right, the other must.
      if (whole.status !== streamed.status)
        throw new Error(`one reader accepts what the other refuses: ${[whole, streamed].map(outcome).join(' | ')}`);
      if (whole.status === 'rejected') throw whole.reason;
    }),
    safetensors: fileSubject(at('weights.safetensors'), [tensors], readWhole),
    'safetensors, streamed': fileSubject(at('streamed.safetensors'), [tensors], readStreamed),
    architecture: jsonSubject(at('architecture.json'), JSON.parse(formatArchitecture(ARCHITECTURE)), async (path) => {
      readArchitecture(path);
    }),
    'events (JSONL)': fileSubject(at('run/events.jsonl'), [Buffer.from(`${events}\n`)], async () => {
      const session = await jsonl.start(context, {});
      await session.complete();
    }),
    '.pth': fileSubject(
      at('model.pth'),
      ['pth/checkpoint.pth', 'pth/state-dict.pth', 'pth/namespace.pth'].map(pth),
      readPth,
    ),
    '.pth, generated': generatedSubject(at('generated.pth'), pickles, readPth),
  };
  const files = { ...readers, ...reportSubjects(folder), ...(await modelSubjects(folder)) };
  return { ...(await configs(folder)), ...(files as Record<string, Subject>) };
}

async function readWhole(path: string): Promise<void> {
  decodeSafetensors(readFileSync(path), path);
}

async function readStreamed(path: string): Promise<void> {
  const open = await openSafetensors(path);
  try {
    for (const name of open.shapes.keys()) await open.read(name);
  } finally {
    await open.close();
  }
}

async function readPth(path: string): Promise<void> {
  const open = await openPth(path);
  try {
    for (const tensor of tensorsIn(open.value)) await open.read(tensor);
  } finally {
    await open.close();
  }
}

const outcome = (settled: PromiseSettledResult<void>): string =>
  settled.status === 'rejected' ? String(settled.reason) : 'accepted';

function tensorsIn(value: unknown, depth = 0): PthTensor[] {
  if (value instanceof PthTensor) return [value];
  if (depth > 8) return [];
  const inner = value instanceof Map ? [...value.values()] : Array.isArray(value) ? value : [];
  return inner.flatMap((item) => tensorsIn(item, depth + 1)).slice(0, 100);
}
