import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../core/config/load.js';
import { ConfigError } from '../../core/config/problem.js';
import { readRecords } from '../../plugins/datasets/cifar-records.js';
import { temporaryFolder } from '../folders/temporary.js';
import { repnas } from './command.js';
import { runArguments, SHORT_RUN, writeConfig } from './short-run.js';

const refused = async (t: ExecutionContext, source: string | object, cwd: string, message: RegExp) => {
  const error = await t.throwsAsync(loadConfig(source, { cwd }), { instanceOf: ConfigError });
  t.regex(error?.message ?? '', message);
  t.is(({} as Record<string, unknown>)['polluted'], undefined);
};

test.serial('keys that reach a prototype are refused in JSON, in YAML and on the command line', async (t) => {
  const folder = temporaryFolder(t);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return `./${name}`;
  };
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const hostile = `{"extends": "repnas:quickstart", "train": {"${key}": {"polluted": 1}}}`;
    await refused(t, file('a.json', hostile), folder, new RegExp(`train\\.${key}[\\s\\S]*a\\.json`));
    await refused(t, file('a.yaml', hostile), folder, new RegExp(`train\\.${key}[\\s\\S]*a\\.yaml`));
    await refused(t, JSON.parse(hostile), folder, new RegExp(`train\\.${key}`));
    const { code, stderr } = await repnas(['config', 'repnas:quickstart', '--set', `${key}.polluted=1`]).ended;
    t.is(code, 2);
    t.regex(stderr, new RegExp(key));
  }
});

test.serial('YAML aliases that explode are refused before they do', async (t) => {
  const folder = temporaryFolder(t);
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0 ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]' : `a${level}: &a${level} [${Array(9).fill(`*a${level - 1}`)}]`,
  );
  writeFileSync(join(folder, 'bomb.yaml'), levels.join('\n'));
  // Its 9^12 words would neither fit into memory nor come to an end.
  await refused(t, './bomb.yaml', folder, /bomb\.yaml/);
});

test.serial('a config that is too large to be one is refused by its size', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'large.json'), '{');
  truncateSync(join(folder, 'large.json'), 2 ** 30);
  await refused(t, './large.json', folder, /large\.json: the file has 1073741824 bytes; expected at most/);
});

test.serial('names of presets and plugins lead nowhere but to packages and paths', async (t) => {
  const folder = temporaryFolder(t);
  const names = [
    'repnas:../../package',
    'http://localhost/x',
    'file:///etc/passwd',
    'a/../../x',
    'data:text/javascript,1',
    'node:fs',
  ];
  for (const name of names) {
    await refused(t, { extends: name }, folder, /extends[\s\S]*found/);
    await refused(t, { extends: 'repnas:quickstart', plugins: [name] }, folder, /plugins/);
  }
});

test.serial('names of run folders and of parts are no paths', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeConfig(folder);
  for (const name of ['../outside', '/tmp/outside', '..', 'a/b', 'a\\b', '.hidden.01234567.tmp']) {
    const { code, stderr } = await repnas(['run', config, '--out', folder, '--name', name]).ended;
    t.is(code, 2, `${name}: ${stderr}`);
  }
  t.false(existsSync(join(folder, '..', 'outside')));
  await refused(t, { ...SHORT_RUN, export: ['../x'] }, folder, /export\.0/);
});

test.serial('links in a run folder are not followed', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeConfig(folder);
  const elsewhere = join(folder, 'elsewhere.json');
  writeFileSync(elsewhere, 'precious');
  mkdirSync(join(folder, 'run'));
  symlinkSync(elsewhere, join(folder, 'run', 'config.json'));
  symlinkSync(folder, join(folder, 'run', 'checkpoints'));
  const resumed = await repnas(runArguments(config, folder, '--resume')).ended;
  t.is(resumed.code, 2);
  t.regex(resumed.stderr, /is a symbolic link/);
  t.is((await repnas(['eval', join(folder, 'run')]).ended).code, 2);
  symlinkSync(join(folder, 'run'), join(folder, 'link'));
  const entered = await repnas(['run', config, '--out', folder, '--name', 'link', '--force']).ended;
  t.regex(entered.stderr, /is a symbolic link/);
  t.is(readFileSync(elsewhere, 'utf8'), 'precious');
});

test.serial('only what a config lists is executed, and shown before anything runs', async (t) => {
  const folder = temporaryFolder(t);
  const mark = join(folder, 'executed');
  const code = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark)}, ''); export default {};`;
  writeFileSync(join(folder, 'repnas-plugin-bystander.mjs'), code);
  writeFileSync(
    join(folder, 'listed.mjs'),
    "export default { name: 'listed', apiVersion: 1, setup: () => undefined };",
  );
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ extends: 'repnas:quickstart', plugins: ['./listed.mjs'] }));
  const { code: exit, stderr } = await repnas(['config', './run.json'], { cwd: folder }).ended;
  t.is(exit, 0, stderr);
  t.regex(stderr, /run\.json/);
  t.regex(stderr, /listed\.mjs/);
  t.false(existsSync(mark));
});

test.serial('a pipe in the place of a data file is not waited for', async (t) => {
  const folder = temporaryFolder(t);
  execFileSync('mkfifo', [join(folder, 'records.bin')]);
  const layout = { classes: 10, labelBytes: 1, recordsPerFile: 1, advice: 'as it should be' };
  await t.throwsAsync(readRecords(folder, ['records.bin'], layout), {
    message: /records\.bin: found a folder or device/,
  });
});
