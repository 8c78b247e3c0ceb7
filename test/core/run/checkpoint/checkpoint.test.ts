import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { StateRecord } from '../../../../core/contracts/index.js';
import { FileError } from '../../../../core/io/files/index.js';
import { ARRAYS, MANIFEST, encodeSnapshot, VALUES } from '../../../../core/run/checkpoint/format.js';
import { newestWhole } from '../../../../core/run/checkpoint/read.js';
import { writeCheckpoint } from '../../../../core/run/checkpoint/write.js';
import { CheckpointWriter } from '../../../../core/run/checkpoint/writer.js';
import { temporaryFolder } from '../../../folders/temporary.js';

const state = (step: number): StateRecord => ({
  arrays: {
    'weights/a.kernel': Float32Array.of(step, Math.PI, -0),
    'optimizer/moments': Float64Array.of(step / 3),
    'strategy/mask': Uint8Array.of(1, 0, 1),
    'strategy/counts': Int32Array.of(-step),
  },
  values: { cursor: { step, best: null }, name: 'é' },
});

function write(runFolder: string, step: number, { best = false, keep = 9, revision = 1, previous = 0 } = {}): void {
  writeCheckpoint({
    runFolder,
    place: { step, revision, stopped: 0 },
    previous: { step: previous || step - 1, revision: 1, stopped: 0 },
    snapshot: encodeSnapshot(state(step)),
    best,
    keep,
    syncFirst: [],
  });
}

const names = (folder: string): string[] => readdirSync(join(folder, 'checkpoints')).sort();

test('a checkpoint is read back to the bit', (t) => {
  const folder = temporaryFolder(t);
  write(folder, 1234);
  const { newest, skipped } = newestWhole(folder);
  t.deepEqual(skipped, []);
  t.is(newest?.step, 1234);
  t.is(newest?.path, join(folder, 'checkpoints', 'step-00001234'));
  t.deepEqual(newest?.arrays, state(1234).arrays);
  t.true(Object.is(newest?.arrays['weights/a.kernel']?.[2], -0));
  t.deepEqual(newest?.values, state(1234).values);
});

test('no checkpoint is found where none was written', (t) => {
  t.deepEqual(newestWhole(temporaryFolder(t)), { skipped: [] });
});

test('the last ones and the best are kept', (t) => {
  const folder = temporaryFolder(t);
  for (const step of [1, 2, 3, 4, 5, 6]) write(folder, step, { best: step === 2 || step === 3, keep: 2 });
  t.deepEqual(names(folder), ['step-00000003', 'step-00000005', 'step-00000006']);
});

test('what cannot come from this run goes before the next checkpoint', (t) => {
  const folder = temporaryFolder(t);
  for (const step of [1, 2, 3]) write(folder, step);
  write(folder, 2, { previous: 1 });
  t.deepEqual(names(folder), ['step-00000001', 'step-00000002']);
});

test('leftovers of a killed write are removed and never read', (t) => {
  const folder = temporaryFolder(t);
  write(folder, 1);
  cpSync(join(folder, 'checkpoints', 'step-00000001'), join(folder, 'checkpoints', '.step-00000002.01234567.tmp'), {
    recursive: true,
  });
  t.is(newestWhole(folder).newest?.step, 1);
  write(folder, 3, { previous: 1 });
  t.deepEqual(names(folder), ['step-00000001', 'step-00000003']);
});

/** What can befall a file, and the words it is reported with. */
const DAMAGES: Readonly<Record<string, readonly [(path: string) => void, RegExp]>> = {
  truncated: [(path) => truncateSync(path, readFileSync(path).length - 1), /bytes|not JSON/],
  emptied: [(path) => truncateSync(path, 0), /0 bytes|is empty/],
  lengthened: [(path) => writeFileSync(path, 'x', { flag: 'a' }), /bytes|not JSON/],
  deleted: [(path) => rmSync(path), /missing/],
  'replaced by a folder': [
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    /is a folder/,
  ],
  'replaced by a link to itself': [
    (path) => {
      renameSync(path, `${path}.moved`);
      symlinkSync(`${path}.moved`, path);
    },
    /symbolic link/,
  ],
  'replaced by a pipe': [
    (path) => {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
    /no regular file/,
  ],
};

for (const [damage, [apply, message]] of Object.entries(DAMAGES)) {
  for (const file of [ARRAYS, VALUES, MANIFEST]) {
    test(`${file} ${damage} is named, and the checkpoint before it used`, (t) => {
      const folder = temporaryFolder(t);
      write(folder, 1);
      write(folder, 2);
      const path = join(folder, 'checkpoints', 'step-00000002', file);
      apply(path);
      const { newest, skipped } = newestWhole(folder);
      t.is(newest?.step, 1);
      t.is(skipped.length, 1);
      t.is(skipped[0]?.path, path);
      t.regex(skipped[0]?.why ?? '', message);
    });
  }
}

test('every single flipped bit is noticed, or changes nothing', (t) => {
  const folder = temporaryFolder(t);
  write(folder, 1);
  write(folder, 2);
  for (const file of [ARRAYS, VALUES, MANIFEST]) {
    const path = join(folder, 'checkpoints', 'step-00000002', file);
    const whole = readFileSync(path);
    for (let bit = 0; bit < whole.length * 8; bit += 3) {
      const flipped = Uint8Array.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, flipped);
      const { newest, skipped } = newestWhole(folder);
      if (newest?.step === 2) t.deepEqual({ ...newest }, { ...newest, ...state(2), step: 2 });
      else t.is(skipped[0]?.path, path);
      if (file !== MANIFEST) t.is(newest?.step, 1, `bit ${bit} of ${file}`);
    }
    writeFileSync(path, whole);
  }
});

test('a checkpoint that may not be read is named', (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  write(folder, 1);
  write(folder, 2);
  write(folder, 3);
  chmodSync(join(folder, 'checkpoints', 'step-00000003'), 0);
  chmodSync(join(folder, 'checkpoints', 'step-00000002', ARRAYS), 0);
  const code = `
    process.getuid?.() === 0 && process.setuid(65534);
    const { newestWhole } = await import(process.argv[1]);
    const { newest, skipped } = newestWhole(process.argv[2]);
    console.log(JSON.stringify([newest.step, skipped]));`;
  const module = new URL('../../../../core/run/checkpoint/read.js', import.meta.url).href;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code, module, folder]);
  chmodSync(join(folder, 'checkpoints', 'step-00000003'), 0o755);
  const [step, skipped] = JSON.parse(output.toString());
  t.is(step, 1);
  const why = 'may not be read by this user';
  t.deepEqual(skipped, [
    { path: join(folder, 'checkpoints', 'step-00000003', MANIFEST), why },
    { path: join(folder, 'checkpoints', 'step-00000002', ARRAYS), why },
  ]);
});

test('a link in place of a checkpoint or of their folder is not followed', (t) => {
  const folder = temporaryFolder(t);
  const elsewhere = temporaryFolder(t);
  write(elsewhere, 7);
  write(folder, 1);
  symlinkSync(join(elsewhere, 'checkpoints', 'step-00000007'), join(folder, 'checkpoints', 'step-00000007'));
  t.is(newestWhole(folder).newest?.step, 1);
  t.regex(newestWhole(folder).skipped[0]?.why ?? '', /symbolic link/);
  write(folder, 8, { previous: 1 });
  t.is(newestWhole(elsewhere).newest?.step, 7, 'removing the link leaves its target');
  rmSync(join(folder, 'checkpoints'), { recursive: true });
  symlinkSync(join(elsewhere, 'checkpoints'), join(folder, 'checkpoints'));
  t.throws(() => newestWhole(folder), { instanceOf: FileError, message: /checkpoints: is a symbolic link/ });
});

test('a manifest moved from another checkpoint is refused', (t) => {
  const folder = temporaryFolder(t);
  write(folder, 1);
  write(folder, 2);
  renameSync(join(folder, 'checkpoints', 'step-00000002'), join(folder, 'checkpoints', 'step-00000003'));
  t.is(newestWhole(folder).newest?.step, 1);
  t.regex(newestWhole(folder).skipped[0]?.why ?? '', /is the manifest of step-00000002/);
});

test('a state that JSON would change in silence is refused', (t) => {
  t.throws(() => encodeSnapshot({ arrays: {}, values: { cursor: { best: Number.NaN } } }), {
    message: /'best' is NaN/,
  });
});

test('the writer copies at once, writes in order, and numbers checkpoints of the same step', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new CheckpointWriter(folder, { keep: 9 });
  const live = state(1);
  const path = await writer.save(live, { step: 1 });
  t.is(path, join(folder, 'checkpoints', 'step-00000001'));
  live.arrays['weights/a.kernel']?.fill(99);
  await writer.save(state(2), { step: 2 });
  await writer.save(state(2), { step: 2, best: true });
  await writer.flush();
  t.deepEqual(names(folder), ['step-00000001', 'step-00000002', 'step-00000002-2']);
  const { newest } = newestWhole(folder);
  t.deepEqual([newest?.step, newest?.revision], [2, 2]);
  rmSync(join(folder, 'checkpoints', 'step-00000002'), { recursive: true });
  rmSync(join(folder, 'checkpoints', 'step-00000002-2'), { recursive: true });
  t.deepEqual(newestWhole(folder).newest?.arrays, state(1).arrays);
  await writer.close();
});

test('a resumed writer goes on from its checkpoint', async (t) => {
  const folder = temporaryFolder(t);
  for (const step of [1, 2, 3]) write(folder, step);
  const writer = new CheckpointWriter(folder, { resumedFrom: { step: 1, revision: 1, stopped: 0 } });
  await writer.save(state(1), { step: 1 });
  await writer.close();
  t.deepEqual(names(folder), ['step-00000001', 'step-00000001-2']);
});

test('a failed write is told to whoever saves or flushes next, and leaves the ones before it', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new CheckpointWriter(folder);
  await writer.save(state(1), { step: 1 });
  await writer.flush();
  mkdirSync(join(folder, 'elsewhere'));
  renameSync(join(folder, 'checkpoints'), join(folder, 'elsewhere', 'checkpoints'));
  writeFileSync(join(folder, 'checkpoints'), 'in the way');
  await writer.save(state(2), { step: 2 });
  await t.throwsAsync(writer.flush(), { instanceOf: FileError });
  await t.throwsAsync(writer.save(state(3), { step: 3 }), { instanceOf: FileError });
  await t.throwsAsync(writer.close(), { instanceOf: FileError });
  t.is(newestWhole(join(folder, 'elsewhere')).newest?.step, 1);
});
