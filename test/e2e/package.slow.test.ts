import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { emptyFolder, install, pack, packRepnas, run } from './newcomer.js';

const [repnas, dilated] = await Promise.all([packRepnas(), pack('test/fixtures/third-party')]);
const folder = emptyFolder();
cpSync('test/fixtures/consumer', folder, { recursive: true });
await install(folder, '--omit=dev', repnas, dilated);

/** Paths in a tarball, below `package/`. */
function listed(tarball: string): string[] {
  const bytes = gunzipSync(readFileSync(tarball));
  const paths: string[] = [];
  for (let at = 0; at + 512 <= bytes.length; ) {
    const field = (from: number, length: number): string =>
      bytes.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    if (field(0, 100) === '') break;
    paths.push(
      [field(345, 155), field(0, 100)]
        .filter(Boolean)
        .join('/')
        .replace(/^package\//, ''),
    );
    at += 512 + 512 * Math.ceil(Number.parseInt(field(124, 12), 8) / 512);
  }
  return paths;
}

interface Result {
  readonly folder: string;
  readonly main: {
    readonly strategy: string;
    readonly certificate: { readonly passed: boolean; readonly relativeError: number };
    readonly kept: Readonly<Record<string, number>>;
  };
}

const search = async (...args: readonly string[]): Promise<Result> =>
  JSON.parse(await run(folder, 'npx', 'repnas', 'run', '--json', '--force', ...args)) as Result;

/** The packages that a script loads, ES modules and CommonJS alike: V8 lists every file that it ran code of. */
async function packagesLoaded(script: string): Promise<string[]> {
  const coverage = join(folder, 'coverage');
  await run(folder, 'env', `NODE_V8_COVERAGE=${coverage}`, 'node', script);
  const [report = ''] = readdirSync(coverage);
  const { result } = JSON.parse(readFileSync(join(coverage, report), 'utf8')) as { result: { url: string }[] };
  const names = result.flatMap(
    ({ url }) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}

test('the tarball holds code and its maps, and no test, fixture or data', (t) => {
  const paths = listed(repnas);
  t.true(paths.length > 500);
  const strays = paths.filter((path) => !/^(?:dist\/|core\/|plugins\/|presets\/|[^/]+$)/.test(path));
  t.deepEqual(strays, []);
  t.deepEqual(
    paths.filter((path) => /(?:^|\/)(?:test|tests|fixtures|golden|scripts)\/|\.test\.|\.tsbuildinfo/.test(path)),
    [],
  );
  t.deepEqual(
    paths.filter((path) => /\.(?:bin|gz|png|jpe?g|npy|safetensors|pth|onnx)$/.test(path)),
    [],
  );
});

test('every declaration leads to its source', (t) => {
  const paths = new Set(listed(repnas));
  const declarations = [...paths].filter((path) => path.endsWith('.d.ts'));
  const root = join(folder, 'node_modules/repnas');
  for (const path of declarations) {
    t.true(paths.has(`${path}.map`), path);
    const { sources } = JSON.parse(readFileSync(join(root, `${path}.map`), 'utf8')) as { sources: string[] };
    for (const source of sources) t.true(existsSync(join(root, dirname(path), source)), `${path}: ${source}`);
  }
});

test('publint and are-the-types-wrong have nothing to say', async (t) => {
  await t.notThrowsAsync(run('.', 'npx', 'publint', 'run', repnas, '--strict'));
  await t.notThrowsAsync(run('.', 'npx', 'attw', repnas, '--profile', 'esm-only'));
});

test.serial('what it takes on disk stays small, and no engine is loaded by importing it', async (t) => {
  const kilobytes = async (path: string): Promise<number> =>
    Number((await run(folder, 'du', '-sk', path)).split('\t')[0]);
  const [all, own, tensorflow] = [
    await kilobytes('node_modules'),
    await kilobytes('node_modules/repnas'),
    await kilobytes('node_modules/@tensorflow'),
  ];
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) times.push(Number(await run(folder, 'node', 'measure-import.mjs')));
  const loaded = await packagesLoaded('measure-import.mjs');
  const median = times.sort((a, b) => a - b)[2] as number;
  const megabytes = (size: number): string => `${(size / 1024).toFixed(1)} MB`;
  t.log(
    `installed: ${megabytes(all)}, of which TensorFlow.js ${megabytes(tensorflow)}, repnas itself ${megabytes(own)}`,
  );
  t.log(`import 'repnas': ${median.toFixed(0)} ms (median of 5), loads ${loaded.join(', ')}`);
  t.true(all < 180 * 1024);
  t.true(own < 18 * 1024);
  t.deepEqual(
    loaded.filter((name) => /tensorflow|koffi|zod|tsyringe|cosmiconfig/.test(name)),
    [],
  );
  t.true(loaded.includes('repnas'));
});

test.serial(
  'a third party brings a branch op, a strategy and an observer; what is found with them folds',
  async (t) => {
    const parts = JSON.parse(await run(folder, 'npx', 'repnas', 'plugins', '--json')) as Record<string, unknown>[];
    const theirs = parts.filter(({ origin }) => origin === 'repnas-plugin-dilated@1.2.0');
    t.deepEqual(
      theirs.map(({ kind, name, options }) => ({ kind, name, options })),
      [
        { kind: 'branch-op', name: 'conv-dilated', options: [] },
        { kind: 'strategy', name: 'in-turn', options: ['first'] },
        { kind: 'observer', name: 'tally', options: ['file'] },
      ],
    );
    const { main, folder: runFolder } = await search('--name', 'search');
    t.is(main.strategy, 'in-turn');
    t.true(main.certificate.passed);
    const counts = JSON.parse(readFileSync(join(runFolder, 'counts.json'), 'utf8')) as Record<string, number>;
    t.is(counts['certificate'], 1);
    t.true((counts['step'] ?? 0) > 20);
    const dilatedOnly = await search('--name', 'dilated', '--set', 'searchSpace.branches=[conv-dilated]');
    t.deepEqual(dilatedOnly.main.kept, { 'conv-dilated': 3 });
    t.true(dilatedOnly.main.certificate.passed);
    t.log(`fused and multi-branch outputs of dilated blocks: ${dilatedOnly.main.certificate.relativeError} apart`);
  },
);

test.serial('it works from strict TypeScript without skipLibCheck, from plain ESM, and from CommonJS', async (t) => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(process.cwd(), 'node_modules/@types')],
    outDir: 'out',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['strict.ts'] }));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), type: 'module' }),
  );
  await run('.', 'npx', 'tsc', '-p', folder);
  const lines = (await run(folder, 'node', 'out/strict.js')).trim().split('\n');
  const { passed, kinds } = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}');
  t.true(passed);
  t.deepEqual([kinds[0], kinds.at(-1)], ['run-started', 'done']);
  t.true(
    ['completed', 'exported onnx', 'cpu true, true', 'FileError', 'interrupted'].every((line) => lines.includes(line)),
    lines.join('\n'),
  );
  t.regex(lines.at(-1) ?? '', /^\d+ problems$/);
  t.deepEqual(JSON.parse(await run(folder, 'node', 'plain.mjs')), { steps: 12, blocks: 3 });
  t.is((await run(folder, 'node', 'common.cjs')).trim(), 'shrink');
  t.true(basename(repnas).endsWith('.tgz'));
});
