import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newestWhole } from '../../core/run/checkpoint/read.js';
import { type Ended, repnas } from './command.js';
import type { Findings } from './findings.js';
import { decisive, differences, inFolder, runArguments, runToEnd, SHORT_RUN, writeConfig } from './short-run.js';

const moduleUrl = (name: string): string => JSON.stringify(import.meta.resolve(name));

/** A file with a plugin of the given parts, as somebody else would write it. */
function writePlugin(folder: string, body: string): string {
  const [entry, engine] = [moduleUrl('../../plugins/entry.js'), moduleUrl('../../plugins/engines/cpu.js')];
  writeFileSync(
    join(folder, 'plugin.mjs'),
    `import { API_VERSION, definePlugin, defineObserver, defineEngine } from ${entry};
import { cpu } from ${engine};
import * as tf from ${moduleUrl('@tensorflow/tfjs-core')};
import { z } from ${moduleUrl('zod')};
import { existsSync } from 'node:fs';
export default definePlugin({ name: 'fragile', apiVersion: API_VERSION, setup: (host) => {
${body}
} });
`,
  );
  return './plugin.mjs';
}

/** Time that observers are waited for when they start and end, many times over, and the run itself on the busiest machine. */
const LONG_ENOUGH_MS = 600_000;

/** An observer that never answers, nor ends, and keeps the process's event loop busy for ever: the run ends all the same. */
export const hangingObserver = (): Promise<Findings> =>
  inFolder(async (folder) => {
    const plain = writeConfig(folder, SHORT_RUN);
    await runToEnd(plain, join(folder, 'whole'));
    const plugin = writePlugin(
      folder,
      `  const part = (name, start) => host.add('observer', defineObserver({ name, summary: name, options: z.strictObject({}), start }));
  const never = () => new Promise(() => {});
  part('hangs', () => {
    setInterval(() => {}, 1000);
    return { next: never, complete: never };
  });
  part('never-starts', never);`,
    );
    const observers = ['console', ...SHORT_RUN.observers, 'hangs', 'never-starts'];
    const config = writeConfig(folder, { ...SHORT_RUN, plugins: [plugin], observers });
    const began = performance.now();
    const out = join(folder, 'watched');
    const { child, ended } = repnas(runArguments(config, out));
    const timer = setTimeout(() => child.kill('SIGKILL'), LONG_ENOUGH_MS);
    const { code, stderr } = await ended;
    clearTimeout(timer);
    const told = [/'never-starts' did not start within 5 s/, /'hangs' did not keep up and was left behind/];
    const failures = [
      ...(code === 0 ? [] : [`exit code ${code}: ${stderr}`]),
      ...told.filter((words) => !words.test(stderr)).map((words) => `did not say ${words}: ${stderr}`),
      ...(code === 0 ? networksDiffer(folder, 'whole', 'watched') : []),
    ];
    return {
      what: 'observers that hang, in a process: the run ends, with the bytes of one without them',
      tried: 2,
      failures,
      detail: `ended after ${((performance.now() - began) / 1000).toFixed(0)} s, both named`,
    };
  });

/** Files that tell of the network; events tell of the observers too. */
function networksDiffer(folder: string, one: string, other: string): string[] {
  const [a, b] = [decisive(join(folder, one, 'run')), decisive(join(folder, other, 'run'))];
  return differences(a, b)
    .filter((name) => !/events|metrics/.test(name))
    .map((name) => `${name} differs`);
}

/** A run that a part broke: exit code 1, a message of what and no stack, whole checkpoints; then it goes on to the same bytes. */
async function brokenThenResumed(
  { code, stderr }: Ended,
  words: RegExp,
  folder: string,
  resume: () => Promise<Ended>,
): Promise<string[]> {
  const run = join(folder, 'broken', 'run');
  if (code !== 1) return [`exit code ${code}: ${stderr}`];
  if (!words.test(stderr) || /^\s+at .+:\d+:\d+/m.test(stderr)) return [`said: ${stderr}`];
  const { newest, skipped } = newestWhole(run);
  if (!newest || skipped.length > 0) return [`left ${newest ? 'a broken' : 'no'} checkpoint`];
  const again = await resume();
  if (again.code !== 0) return [`resumed with exit code ${again.code}: ${again.stderr}`];
  return differences(decisive(join(folder, 'whole', 'run')), decisive(run)).map((name) => `${name} differs`);
}

/** Threads that decode images end in the middle of one, again and again. */
export const dyingDecoder = (): Promise<Findings> =>
  inFolder(async (folder) => {
    await writeImages(join(folder, 'images'));
    const config = writeConfig(folder, {
      ...SHORT_RUN,
      dataset: { name: 'image-folder', path: 'images', size: 8, resize: 8, workers: 2 },
    });
    const deadly = join(folder, 'deadly.cjs');
    // Every thread that decodes reads ten images, and ends on the eleventh.
    writeFileSync(
      deadly,
      `const { isMainThread, workerData } = require('node:worker_threads');
if (!isMainThread && workerData?.sharp) {
  const files = require('node:fs/promises');
  const { readFile } = files;
  let left = 10;
  files.readFile = (...args) => (left-- > 0 ? readFile(...args) : process.exit(9));
  require('node:module').syncBuiltinESMExports();
}
`,
    );
    const whole = await runToEnd(config, join(folder, 'whole'));
    if (whole.code !== 0) throw new Error(`the run with whole threads ended with ${whole.code}: ${whole.stderr}`);
    const out = join(folder, 'deadly');
    const env = { ...process.env, NODE_OPTIONS: `--require=${deadly}` };
    const { code, stderr } = await repnas(runArguments(config, out), { env }).ended;
    const failures =
      code === 0
        ? differences(decisive(join(folder, 'whole', 'run')), decisive(join(out, 'run'))).map(
            (name) => `${name} differs`,
          )
        : [`exit code ${code}: ${stderr}`];
    return {
      what: 'threads of the image-folder pool that die after ten images: others go on, to the same bytes',
      tried: 1,
      failures,
      detail: 'none lost an image',
    };
  });

/** Two classes in ImageNet's layout, twelve training and four test images each. */
async function writeImages(folder: string): Promise<void> {
  const { default: sharp } = await import('sharp');
  for (const [part, count] of [
    ['train', 12],
    ['val', 4],
  ] as const) {
    for (const [label, name] of ['cat', 'dog'].entries()) {
      mkdirSync(join(folder, part, name), { recursive: true });
      for (let index = 0; index < count; index++) {
        const pixels = Buffer.from(
          Array.from({ length: 12 * 12 * 3 }, (_, at) => (at * (7 + index) + 90 * label) % 256),
        );
        const image = sharp(pixels, { raw: { width: 12, height: 12, channels: 3 } });
        await image.png().toFile(join(folder, part, name, `${index}.png`));
      }
    }
  }
}

/** An engine whose device is lost within a backward pass. */
export const failingEngine = (): Promise<Findings> =>
  inFolder(async (folder) => {
    const fails = join(folder, 'fails');
    const plugin = writePlugin(
      folder,
      `  host.add('engine', defineEngine({ ...cpu, name: 'fragile', options: z.strictObject({}), start: async () => {
    const session = await cpu.start({});
    const kernel = tf.getKernel('Multiply', 'cpu');
    let calls = 0;
    tf.unregisterKernel('Multiply', 'cpu');
    tf.registerKernel({ ...kernel, kernelFunc: (call) => {
      if (existsSync(${JSON.stringify(fails)}) && ++calls > 1000) throw new Error('the device was lost');
      return kernel.kernelFunc(call);
    } });
    return session;
  } }));`,
    );
    const config = writeConfig(folder, { ...SHORT_RUN, plugins: [plugin], engine: 'fragile' });
    await runToEnd(config, join(folder, 'whole'));
    writeFileSync(fails, '');
    const out = join(folder, 'broken');
    const broken = await runToEnd(config, out);
    rmSync(fails);
    const resume = () => runToEnd(config, out, '--resume');
    const failures = await brokenThenResumed(broken, /error: .*the device was lost/, folder, resume);
    return {
      what: 'an engine that fails in the middle of a step: told, resumed to the same bytes',
      tried: 1,
      failures,
      detail: 'exit code 1, gone on from the newest checkpoint',
    };
  });
