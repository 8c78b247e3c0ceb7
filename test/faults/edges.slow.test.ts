import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { MAIN, start, repnas, repnasAfter, until } from './command.js';
import { decisive, differences, inFolder, runArguments, runToEnd, SHORT_RUN, writeConfig } from './short-run.js';

// Whole runs at the edges of what a config, a machine and its surroundings can be: each ends well, or is refused with a place. None
// crashes, and none says that it ended well where it did not.

/** A run by one change of the short one, and how it ends: with 0, or refused by a message. */
type Edge = readonly [what: string, set: readonly string[], refused?: RegExp];

const EDGES: readonly Edge[] = [
  ['one class', ['dataset.classes=1'], /classes[\s\S]*at least 2/],
  ['one training image', ['dataset.train=1']],
  ['one test image', ['dataset.test=1']],
  ['a batch larger than the data', ['train.batchSize=512']],
  ['a batch of one', ['train.batchSize=1'], /batchSize[\s\S]*at least 2/],
  ['grey images', ['dataset.shape=[8,8,1]']],
  ['a learning rate of 1e10', ['train.optimizer.learningRate=1e10'], /became .* in step \d+ .*learningRate/],
  ['a learning rate of 1e-30', ['train.optimizer.learningRate=1e-30']],
  ['gradients clipped to nothing', ['train.clip=1e-30']],
  ['a width of 0.01', ['backbone.width=0.01']],
  ['kernels of 7 on maps of 4', ['backbone.kernelSize=7']],
  ['images that are too small', ['dataset.shape=[4,4,3]'], /4x4; expected at least 8x8/],
  ['a key that nothing reads', ['backbone.groups=64'], /groups[\s\S]*nothing reads/],
  ['the smallest budget', ['budget.branches=3']],
  ['less than the smallest budget', ['budget.branches=2'], /raise budget to at least 3 branches/],
  ['no budget', ['budget.branches=0'], /budget[\s\S]*more than 0/],
  ['a budget of everything', ['budget={"keptRatio":1}']],
  ['more than everything', ['budget.branches=100000'], /between 1 and \d+, the number of gates/],
  ['no epochs at all', ['train.epochs={"warmUp":0,"search":0,"frozen":0}']],
  ['no search', ['train.epochs.search=0']],
  ['no training after it', ['train.epochs.frozen=0']],
];

const CONFIG = { ...SHORT_RUN, engine: 'wasm', baseline: undefined, observers: ['jsonl'] };

interface Result {
  readonly certificate: { readonly passed: boolean };
  readonly accuracy: { readonly fused: number };
}

function assertEndedWell(t: ExecutionContext, run: string): void {
  const { certificate, accuracy } = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as Result;
  t.true(certificate.passed);
  t.true(accuracy.fused >= 0 && accuracy.fused <= 1);
}

for (const [what, set, refused] of EDGES)
  test.serial(`${what}: ${refused ? 'refused' : 'runs to its end'}`, (t) =>
    inFolder(async (folder) => {
      const config = writeConfig(folder, CONFIG);
      const { code, stderr } = await runToEnd(config, folder, ...set.flatMap((value) => ['--set', value]));
      t.notRegex(stderr, /\n\s+at .*:\d+/, 'a stack');
      if (!refused) {
        t.is(code, 0, stderr);
        assertEndedWell(t, join(folder, 'run'));
      } else {
        t.true(code === 1 || code === 2, `${code}`);
        t.regex(stderr, refused);
      }
    }),
  );

/** Images of the official layout of MNIST, all of one colour. */
function writeConstantImages(folder: string, kind: 'train' | 't10k', count: number): void {
  const images = Buffer.alloc(16 + count * 28 * 28, 77);
  [0x0803, count, 28, 28].forEach((word, at) => void images.writeUInt32BE(word, 4 * at));
  const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, count, ...Array.from({ length: count }, (_, at) => at % 10)]);
  writeFileSync(join(folder, `${kind}-images-idx3-ubyte`), images);
  writeFileSync(join(folder, `${kind}-labels-idx1-ubyte`), labels);
}

test.serial('images without any variance: runs to its end', (t) =>
  inFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    writeConstantImages(data, 'train', 20);
    writeConstantImages(data, 't10k', 10);
    const config = writeConfig(folder, { ...CONFIG, dataset: { name: 'idx', path: data, classes: 10 } });
    const { code, stderr } = await runToEnd(config, folder);
    t.is(code, 0, stderr);
    assertEndedWell(t, join(folder, 'run'));
  }),
);

/** A run in other surroundings ends with the bytes of one in ordinary ones. */
const SURROUNDINGS: readonly (readonly [what: string, env: NodeJS.ProcessEnv, preparation: string])[] = [
  ['another locale and time zone', { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Apia' }, ''],
  ['no HOME', { HOME: undefined, XDG_CACHE_HOME: undefined, XDG_CONFIG_HOME: undefined }, 'unset HOME;'],
  ['a HOME that is not there', { HOME: '/nonexistent' }, ''],
  ['files for nobody else', {}, 'umask 077;'],
  ['little memory for JavaScript', { NODE_OPTIONS: '--max-old-space-size=128' }, ''],
  ['stdout closed', {}, 'exec >&-;'],
  ['stdin and stdout closed', {}, 'exec <&- >&-;'],
];

test.serial('surroundings change nothing of a run', (t) =>
  inFolder(async (folder) => {
    const config = writeConfig(folder, { ...SHORT_RUN, engine: 'wasm' });
    t.is((await runToEnd(config, folder)).code, 0);
    const expected = decisive(join(folder, 'run'));
    for (const [index, [what, env, preparation]] of SURROUNDINGS.entries()) {
      const own = join(folder, `${index}`);
      const surrounded = { env: { ...process.env, ...env } };
      const { code, stderr } = await repnasAfter(preparation, runArguments(config, own), surrounded).ended;
      t.is(code, 0, `${what}: ${stderr}`);
      t.deepEqual(differences(expected, decisive(join(own, 'run'))), [], what);
      if (preparation.startsWith('umask')) t.is(statSync(join(own, 'run', 'result.json')).mode & 0o77, 0, what);
    }
  }),
);

for (const name of ['with spaces', 'größe-名前-🙂', '100%25', 'it\'s; $(HOME) & "more"', '-dash'])
  test.serial(`a folder named ${name}: runs, is evaluated and fused`, (t) =>
    inFolder(async (folder) => {
      const own = join(folder, name);
      mkdirSync(own);
      const config = writeConfig(own, { ...CONFIG, export: ['onnx', 'safetensors'] });
      const { code, stderr } = await runToEnd(config, own);
      t.is(code, 0, stderr);
      assertEndedWell(t, join(own, 'run'));
      for (const command of ['eval', 'fuse']) {
        const again = await repnas([command, join(own, 'run')], { cwd: own }).ended;
        t.is(again.code, 0, `${command}: ${again.stderr}`);
      }
    }),
  );

test.serial('a reader of stdout that goes away stops nothing', (t) =>
  inFolder(async (folder) => {
    const config = writeConfig(folder, { ...CONFIG, observers: ['console', 'jsonl'] });
    const { child, ended } = repnas(runArguments(config, folder));
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    t.is(code, 0, stderr);
    assertEndedWell(t, join(folder, 'run'));
  }),
);

test.serial('a run that was stopped with SIGSTOP for a while goes on', (t) =>
  inFolder(async (folder) => {
    const config = writeConfig(folder, CONFIG);
    const { child, ended } = repnas(runArguments(config, folder));
    const events = join(folder, 'run', 'events.jsonl');
    await until(() => statSync(events, { throwIfNoEntry: false }) !== undefined, ended);
    child.kill('SIGSTOP');
    await wait(3000);
    child.kill('SIGCONT');
    const { code, stderr } = await ended;
    t.is(code, 0, stderr);
    assertEndedWell(t, join(folder, 'run'));
  }),
);

test.serial('a run whose parent alone is killed goes on to its end', (t) =>
  inFolder(async (folder) => {
    const config = writeConfig(folder, CONFIG);
    const [script, pid] = [join(folder, 'parent.mjs'), join(folder, 'pid')];
    const args = JSON.stringify([MAIN, ...runArguments(config, folder)]);
    writeFileSync(
      script,
      `import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      const { pid } = spawn(process.execPath, ${args}, { stdio: ['ignore', 'pipe', 'pipe'] });
      writeFileSync(${JSON.stringify(pid)}, String(pid));
      setInterval(() => undefined, 1000);`,
    );
    const parent = start(process.execPath, [script], { stdio: 'ignore' });
    const events = join(folder, 'run', 'events.jsonl');
    await until(() => statSync(events, { throwIfNoEntry: false }) !== undefined, parent.ended);
    const child = Number(readFileSync(pid, 'utf8'));
    parent.child.kill('SIGKILL');
    await parent.ended;
    const deadline = performance.now() + 300_000;
    while (isThere(child) && performance.now() < deadline) await wait(100);
    t.false(isThere(child), 'it hangs');
    assertEndedWell(t, join(folder, 'run'));
  }),
);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
