import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { loadConfig, loadPlugins } from '../../../../core/config/load.js';
import { PART_KINDS } from '../../../../core/config/container/registry.js';
import { problemsOf, project, REST } from '../project.js';

const HEAD = `import { defineObserver, definePlugin } from 'repnas';
import { z } from 'zod';
const observer = (name) => defineObserver({ name, summary: 'watches', options: z.strictObject({}), start: () => ({ next() {}, complete() {} }) });
`;

const plugin = (name: string, setup: string, apiVersion: unknown = 1): string =>
  `${HEAD}export default definePlugin({ name: '${name}', apiVersion: ${apiVersion}, setup(host) { ${setup} } });`;

/** Plugins that are wrong, and two that are right; what each is wrong about. */
const PLUGINS: Readonly<Record<string, string>> = {
  'good.mjs': plugin('good', "host.add('observer', observer('good-one'));"),
  'first.mjs': plugin('first', "host.add('observer', observer('taken'));"),
  'second.mjs': plugin(
    'second',
    "host.add('observer', observer('taken')); host.add('observer', observer('not-taken'));",
  ),
  'built-in.mjs': plugin('impostor', "host.add('observer', observer('jsonl'));"),
  'old.mjs': plugin('old', "host.add('observer', observer('old-one'));", 0),
  'throwing.mjs': plugin('throwing', "host.add('observer', observer('half')); throw new Error('no luck');"),
  'later.mjs': `${HEAD}export default { name: 'later', apiVersion: 1, async setup(host) { host.add('observer', observer('late')); } };`,
  'no-plugin.mjs': 'export default 5;',
  'no-export.mjs': 'export const plugin = {};',
  'no-part.mjs': plugin('no-part', "host.add('observer', { name: 'x', summary: 's', options: z.strictObject({}) });"),
  'no-kind.mjs': plugin('no-kind', "host.add('observr', observer('odd'));"),
  'no-name.mjs': plugin('no-name', "host.add('observer', observer('Not A Name'));"),
  'no-schema.mjs': plugin('no-schema', "host.add('observer', { ...observer('bare'), options: {} });"),
  'broken.mjs': 'this is no JavaScript',
};

function withPlugins(...names: readonly string[]): string {
  const plugins = names.map((name) => `./${name}`);
  const cwd = project({ ...PLUGINS, 'repnas.config.json': { ...REST, plugins } });
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve('.'), join(cwd, 'node_modules/repnas'));
  symlinkSync(resolve('node_modules/zod'), join(cwd, 'node_modules/zod'));
  return cwd;
}

/** What is said of one plugin, listed between two that are right. */
async function said(name: string): Promise<string> {
  const cwd = withPlugins('good.mjs', name, 'first.mjs');
  const problems = await problemsOf(loadConfig(undefined, { cwd }));
  const text = problems.map(
    ({ path, found, expected, hint }) => `${path}: ${found}; expected ${expected}. ${hint ?? ''}`,
  );
  const { registry } = await loadPlugins(undefined, { cwd });
  const others = ['good-one', 'taken'].every((part) => registry.find('observer', part));
  return `${text.join('\n')}${others ? '' : '; and others suffer'}`.replaceAll(`${cwd}/`, '');
}

const EXPECTED: Readonly<Record<string, RegExp>> = {
  'built-in.mjs':
    /^plugins\.1: plugin impostor \(built-in\.mjs\): observer 'jsonl', which plugin repnas-observer \(built-in\) has added already; expected a name of its own\./,
  'old.mjs': /^plugins\.1: plugin old \(old\.mjs\): apiVersion 0; expected apiVersion 1\. Install a version/,
  'throwing.mjs':
    /^plugins\.1: plugin throwing \(throwing\.mjs\): an error in setup: no luck; expected a setup that adds/,
  'later.mjs': /^plugins\.1: plugin later \(later\.mjs\): a setup that returns a promise; expected/,
  'no-plugin.mjs':
    /^plugins\.1: plugin \.\/no-plugin\.mjs \(no-plugin\.mjs\): 5; expected a plugin: \{ name, apiVersion, setup \}/,
  'no-export.mjs': /^plugins\.1: plugin \.\/no-export\.mjs \(no-export\.mjs\): nothing; expected a plugin/,
  'no-part.mjs': /^plugins\.1: plugin no-part \(no-part\.mjs\): observer 'x' without start\(\); expected start\(\)/,
  'no-kind.mjs':
    /^plugins\.1: plugin no-kind \(no-kind\.mjs\): a part of kind "observr"; expected one of .*Did you mean observer\?/,
  'no-name.mjs':
    /^plugins\.1: plugin no-name \(no-name\.mjs\): an observer named "Not A Name"; expected a name of lower-case/,
  'no-schema.mjs':
    /^plugins\.1: plugin no-schema \(no-schema\.mjs\): observer 'bare' with options \{\}; expected a zod schema/,
  'broken.mjs':
    /^plugins\.1: plugin \.\/broken\.mjs \(broken\.mjs\): an error while it was loaded: .*; expected a module/,
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`what is wrong with ${name} is told with plugin, file and what was expected, and no other part suffers`, async (t) => {
    const text = await said(name);
    t.regex(text, expected);
    t.is(text.split('\n').length, 1);
    t.false(text.includes('others suffer'));
  });
}

test('two plugins that claim one name are both named; what else the second brings is there', async (t) => {
  const cwd = withPlugins('first.mjs', 'second.mjs');
  const [problem, ...others] = await problemsOf(loadConfig(undefined, { cwd }));
  t.deepEqual(others, []);
  t.regex(
    problem?.found.replaceAll(`${cwd}/`, '') ?? '',
    /^plugin second \(second\.mjs\): observer 'taken', which plugin first \(first\.mjs\) has added already$/,
  );
  const { registry } = await loadPlugins(undefined, { cwd });
  t.is(registry.find('observer', 'taken')?.plugin, 'first');
  t.truthy(registry.find('observer', 'not-taken'));
});

test('a plugin that is listed twice is set up once', async (t) => {
  const cwd = withPlugins('good.mjs', 'good.mjs');
  await t.notThrowsAsync(loadConfig(undefined, { cwd }));
});

const repnas = async (cwd: string, ...args: readonly string[]) => {
  const main = resolve('dist/core/app/cli/main.js');
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], { cwd });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    return error as { stdout: string; stderr: string; code: number };
  }
};

test('repnas plugins lists every part with kind, name, origin, options and one line; what is wrong comes after', async (t) => {
  const cwd = withPlugins('good.mjs', 'old.mjs');
  const { stdout, stderr, code } = await repnas(cwd, 'plugins', '--json');
  t.is(code, 2);
  t.regex(stderr, /plugin old .*apiVersion 0/);
  const parts = JSON.parse(stdout) as {
    kind: string;
    name: string;
    origin: string;
    options: string[];
    summary: string;
  }[];
  t.deepEqual([...new Set(parts.map(({ kind }) => kind))].sort(), [...PART_KINDS].sort());
  t.like(
    parts.find(({ name }) => name === 'conv-1x1-kxk'),
    { kind: 'branch-op', origin: 'built-in', options: ['innerWidth', 'pointwiseAtStride'] },
  );
  t.is(parts.find(({ name }) => name === 'good-one')?.origin, join(cwd, 'good.mjs'));
  // A family of checkpoints is summed up by the name of its network.
  const described = parts.filter(({ kind }) => kind !== 'checkpoint-family');
  t.true(described.every(({ summary }) => summary.length > 10 || summary === 'watches'));
  const folder = withPlugins('good.mjs');
  const told = await repnas(folder, 'plugins');
  t.is(told.code, 0);
  t.regex(told.stdout, /^observer$[\s\S]*^ +good-one +watches\n +of good, /m);
  t.true(told.stdout.includes(join(folder, 'good.mjs')), 'where it came from');
  t.regex(told.stdout, /^ +conv-1x1-kxk .*\n +options: innerWidth, pointwiseAtStride$/m);
  for (const { name } of parts) t.true(told.stdout.includes(name), name);
});
