import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FileError } from '../../../../core/io/files/index.js';
import { createRunFolder } from '../../../../core/run/folder/folder.js';
import { RUN_FILES } from '../../../../core/run/folder/layout.js';
import { temporaryFolder } from '../../../folders/temporary.js';

test('a new run folder is made, with the folders above it', (t) => {
  const out = join(temporaryFolder(t), 'deep', 'runs');
  const run = createRunFolder(out, 'first');
  t.is(run.path, join(out, 'first'));
  t.false(run.hasRun);
  run.writeJson(RUN_FILES.config, { seed: 1 });
  t.deepEqual(run.readJson(RUN_FILES.config), { seed: 1 });
  run.release();
  t.deepEqual(readdirSync(run.path), ['config.json']);
});

test('a folder with a run is entered to resume or to replace, and refused otherwise', async (t) => {
  const out = temporaryFolder(t);
  const first = createRunFolder(out, 'run');
  first.writeJson(RUN_FILES.config, { seed: 1 });
  await first.writeModel('tfjs', new Map([['model.json', '{}']]), async () => {});
  writeFileSync(join(first.path, 'notes.txt'), 'mine');
  first.release();

  t.throws(() => createRunFolder(out, 'run'), { instanceOf: FileError, message: /holds a run already; give --resume/ });
  t.throws(() => createRunFolder(out, 'run', { force: true, resume: true }), { message: /not both/ });
  t.deepEqual(readdirSync(first.path).sort(), ['config.json', 'model', 'notes.txt']);

  const resumed = createRunFolder(out, 'run', { resume: true });
  t.true(resumed.hasRun);
  t.deepEqual(resumed.readJson(RUN_FILES.config), { seed: 1 });
  resumed.release();

  const replaced = createRunFolder(out, 'run', { force: true });
  t.false(replaced.hasRun);
  replaced.release();
  t.deepEqual(readdirSync(first.path), ['notes.txt']);
});

test('what a killed run left before its config can be started again or resumed', (t) => {
  const out = temporaryFolder(t);
  mkdirSync(join(out, 'run'));
  writeFileSync(join(out, 'run', '.config.json.0123abcd.tmp'), '{');
  for (const options of [{}, { resume: true }, { force: true }]) {
    const run = createRunFolder(out, 'run', options);
    t.false(run.hasRun);
    run.release();
  }
});

test('a run that lost its config is not taken for an empty folder', (t) => {
  const out = temporaryFolder(t);
  mkdirSync(join(out, 'run', 'checkpoints'), { recursive: true });
  t.throws(() => createRunFolder(out, 'run'), { message: /holds a run already/ });
  const run = createRunFolder(out, 'run', { resume: true });
  t.true(run.hasRun);
  t.throws(() => run.readJson(RUN_FILES.config), { instanceOf: FileError, message: /config\.json: is missing/ });
  run.release();
});

test('what is no run folder is refused and left as it is', (t) => {
  const out = temporaryFolder(t);
  mkdirSync(join(out, 'photos', 'summer'), { recursive: true });
  writeFileSync(join(out, 'file'), 'x');
  symlinkSync(join(out, 'photos'), join(out, 'link'));
  const refused = (name: string, options: object, message: RegExp) =>
    t.throws(() => createRunFolder(out, name, options), { instanceOf: FileError, message });
  refused('photos', { force: true }, /is no run folder: it holds 'summer'/);
  refused('photos', { resume: true }, /is no run folder/);
  refused('file', {}, /is a file; expected a folder/);
  refused('link', { force: true }, /is a symbolic link/);
  refused('nothing', { resume: true }, /no run to resume/);
  for (const name of ['..', 'a/b', '', '/etc', '.x.0123abcd.tmp']) refused(name, {}, /cannot name a run folder/);
  t.throws(() => createRunFolder(join(out, 'file'), 'run'), {
    instanceOf: FileError,
    message: /cannot be (made|used)/,
  });
  t.deepEqual(readdirSync(out).sort(), ['file', 'link', 'photos']);
  t.deepEqual(readdirSync(join(out, 'photos')), ['summer']);
});

test('a link inside the run folder is neither read nor written through', async (t) => {
  const out = temporaryFolder(t);
  const run = createRunFolder(out, 'run');
  writeFileSync(join(out, 'outside.json'), '{"secret": 1}');
  symlinkSync(join(out, 'outside.json'), join(run.path, RUN_FILES.result));
  symlinkSync(out, join(run.path, 'model'));
  t.throws(() => run.readJson(RUN_FILES.result), { message: /result\.json: is a symbolic link/ });
  t.throws(() => run.writeJson(RUN_FILES.result, {}), { message: /is a symbolic link/ });
  const files = new Map([['model.json', '{}']]);
  await t.throwsAsync(
    run.writeModel('tfjs', files, async () => {}),
    { message: /model: is a symbolic link/ },
  );
  t.is(readFileSync(join(out, 'outside.json'), 'utf8'), '{"secret": 1}');
  t.false(existsSync(join(out, 'tfjs')));
  run.release();
});
