import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { STARTING_POINTS } from '../../core/app/init/project.js';
import { emptyFolder, install, installLike, packRepnas, run } from './newcomer.js';

const repnas = await packRepnas();
const first = emptyFolder();
await install(first, repnas);

/** The quick start trains for minutes on thousands of digits; here a few hundred are enough. */
const SHORT = ['--set', 'train.epochs={warmUp: 1, search: 1, frozen: 1}', '--set', 'dataset={train: 256, test: 100}'];

for (const kind of STARTING_POINTS) {
  test.serial(`a newcomer begins a ${kind}: init, install, test, run`, async (t) => {
    const name = `my-${kind}`;
    const written = await run(first, 'npx', 'repnas', 'init', kind, name);
    const folder = join(first, name);
    t.deepEqual(
      written.trim().split('\n').sort(),
      readdirSync(folder)
        .map((file) => `${name}/${file}`)
        .sort(),
    );
    await installLike(first, folder, kind === 'config' ? '--save' : '--save-dev', repnas);
    t.regex(await run(folder, 'npm', 'test'), /# pass [1-9]\d*\n# fail 0/);
    const printed = await run(folder, 'npm', 'start', '--silent', '--', '--json', ...(kind === 'config' ? SHORT : []));
    const { folder: runFolder, main } = JSON.parse(printed) as {
      folder: string;
      main: { certificate: { passed: boolean }; strategy: string; kept: Record<string, number> };
    };
    t.true(main.certificate.passed);
    t.true(existsSync(join(runFolder, 'model/tfjs/model.json')));
    if (kind === 'strategy') t.is(main.strategy, name);
    if (kind === 'observer') t.true(readFileSync(join(runFolder, 'accuracies.json'), 'utf8').includes('"fused"'));
    const parts = await run(folder, 'npx', 'repnas', 'plugins', '--json');
    if (kind !== 'config') {
      const mine = (JSON.parse(parts) as { name: string; kind: string }[]).find((part) => part.name === name);
      t.is(mine?.kind, kind);
    }
  });
}

test.serial('what is written passes the strictest checks of TypeScript, comments for types included', async (t) => {
  const include = STARTING_POINTS.flatMap((kind) =>
    readdirSync(join(first, `my-${kind}`))
      .filter((file) => /^my-(?!.*test).*\.js$|^repnas\.config/.test(file))
      .map((file) => `my-${kind}/${file}`),
  );
  t.is(include.length, 9);
  const compilerOptions = {
    strict: true,
    checkJs: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  };
  writeFileSync(join(first, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  await t.notThrowsAsync(run('.', 'npx', 'tsc', '-p', first));
});
