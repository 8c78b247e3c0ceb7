import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Services } from '../../../core/config/container/services.js';
import { loadConfig } from '../../../core/config/load.js';
import {
  API_VERSION,
  CLOCK,
  DATASET,
  definePlugin,
  IMPORTANCE,
  type OpenDataset,
  type Plugin,
  type PluginHost,
  type ServiceToken,
} from '../../../core/contracts/index.js';
import { sha256 } from '../../../core/io/files/index.js';
import { decodeSafetensors } from '../../../core/io/formats/safetensors.js';
import { OPTIMIZER } from '../../../core/run/candidate.js';
import { createRun } from '../../../core/run/run.js';
import { memorySet } from '../../../core/train/data/index.js';
import { temporaryFolder, tiny } from './tiny.js';

const replacing = (name: string, setup: (host: PluginHost) => void): Plugin =>
  definePlugin({ name, apiVersion: API_VERSION, setup });

const run = (out: string, config: object = {}) =>
  createRun({ ...tiny(out), ...config }, { name: 'run', interactive: false, note: () => undefined }).done;

const read = (out: string, file: string): Buffer => readFileSync(join(out, 'run', file));

/** 48 and 30 grey images of 8x8 in two classes, the second one brighter. */
function greyImages(): OpenDataset {
  const set = (size: number) => {
    const labels = Int32Array.from({ length: size }, (_, at) => at % 2);
    const pixels = Uint8Array.from({ length: size * 64 }, (_, at) => 60 + 90 * (Math.floor(at / 64) % 2) + (at % 7));
    return memorySet(pixels, labels);
  };
  return {
    shape: [8, 8, 1],
    classes: ['dark', 'bright'],
    mean: [0.4],
    deviation: [0.2],
    train: set(48),
    test: set(30),
    close: async () => {},
  };
}

test.serial('a plugin replaces the clock and the data of a run by their tokens', async (t) => {
  const out = temporaryFolder();
  let closed = 0;
  const plugin = replacing('grey', (host) => {
    host.provide(CLOCK, () => ({ now: () => new Date('2020-02-02T20:20:20Z') }));
    // The config's own data set is not even opened: its folder does not exist.
    host.provide(DATASET, async () => ({ ...greyImages(), close: async () => void closed++ }));
  });
  const { main } = await run(out, { plugins: [plugin], dataset: { name: 'cifar10', path: 'no-such-folder' } });
  t.is(main.testImages, 30);
  t.is(main.accuracy.fused, main.accuracy.multiBranch);
  t.is(closed, 1);
  t.is(JSON.parse(read(out, 'run.json').toString()).started, '2020-02-02T20:20:20.000Z');
});

test.serial('a plugin wraps what a run would have built, for each strategy its own', async (t) => {
  const [plain, wrapped] = [temporaryFolder(), temporaryFolder()];
  await run(plain, { baseline: 'plain' });
  const learned: number[] = [];
  const plugin = replacing('counting', (host) => {
    host.provide(IMPORTANCE, (_, usual) => {
      const session = usual();
      const index = learned.push(0) - 1;
      return {
        ...session,
        learn: (...step) => {
          learned[index] = (learned[index] ?? 0) + 1;
          session.learn(...step);
        },
      };
    });
  });
  await run(wrapped, { baseline: 'plain', plugins: [plugin] });
  t.deepEqual(learned, [3, 0], 'the baseline learns nothing, and both were built once');
  for (const file of ['weights.safetensors', 'architecture.json', 'baseline/weights.safetensors'])
    t.true(read(wrapped, file).equals(read(plain, file)), file);
});

test.serial('a service that others need is replaced for all of them', async (t) => {
  const still = replacing('still', (host) => {
    host.provide(OPTIMIZER, (_, usual) => Object.assign(usual(), { step: () => undefined }));
  });
  /** Digests of the kernels after so many epochs of a plain network, by name. */
  const trained = async (frozen: number, plugins: readonly Plugin[]): Promise<readonly string[]> => {
    const out = temporaryFolder();
    const { importance: _, ...rest } = tiny(out);
    const epochs = { warmUp: 0, search: 0, frozen };
    await run(out, { ...rest, importance: undefined, strategy: 'plain', plugins, train: { ...rest.train, epochs } });
    const { tensors } = decodeSafetensors(read(out, 'weights.safetensors'), out);
    return [...tensors]
      .filter(([name]) => name.endsWith('kernel'))
      .map(
        ([name, { values }]) =>
          `${name} ${sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))}`,
      );
  };
  const [one, two, moved] = [await trained(1, [still]), await trained(2, [still]), await trained(1, [])];
  t.is(one.length, 8);
  t.deepEqual(two, one, 'no step moves a kernel');
  t.is(moved.filter((kernel) => one.includes(kernel)).length, 0);
});

test('a service is built once, when it is asked for, and not without what it needs', (t) => {
  const token = (name: string): ServiceToken<number> => ({ name });
  const [a, b, c] = [token('a'), token('b'), token('c')];
  let built = 0;
  const services = new Services().register(a, (get) => get(b) + 1).register(b, () => ++built);
  t.is(built, 0);
  t.deepEqual([services.get(a), services.get(a), built], [2, 2, 1]);
  t.throws(() => services.get(c), { message: "the run has no service 'c'" });
  services.register(c, (get) => get(c));
  t.throws(() => services.get(c), { message: /'c' cannot be built: what it needs needs it in turn/ });
});

test('two plugins cannot replace the same service, and only a token names one', async (t) => {
  const fixed = (name: string) =>
    replacing(name, (host) => void host.provide(CLOCK, () => ({ now: () => new Date(0) })));
  const load = (...plugins: Plugin[]) => loadConfig({ ...tiny('.'), plugins });
  await t.notThrowsAsync(load(fixed('one')));
  await t.throwsAsync(load(fixed('one'), fixed('two')), {
    message: /another service 'clock'[\s\S]*only one of the two/,
  });
  const wrong = replacing('wrong', (host) => void host.provide('clock' as never, () => ({})));
  await t.throwsAsync(load(wrong), { message: /"clock" as a service[\s\S]*a token such as CLOCK/ });
});
