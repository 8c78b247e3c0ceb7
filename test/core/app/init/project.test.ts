import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { initProject, STARTING_POINTS, type StartingPoint } from '../../../../core/app/init/project.js';
import { temporaryFolder } from '../../run/tiny.js';

for (const kind of STARTING_POINTS) {
  test(`a ${kind} begins in a folder of its own, under its own name throughout`, (t) => {
    const cwd = temporaryFolder();
    const { folder, files } = initProject(kind, 'my-own', { cwd });
    t.is(folder, join(cwd, 'my-own'));
    t.true(files.includes('package.json') && files.includes('my-own.test.js'));
    for (const file of files) t.false(readFileSync(join(folder, file), 'utf8').includes('starting-point'), file);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    t.is(manifest['name'], kind === 'config' ? 'my-own' : 'repnas-plugin-my-own');
  });
}

test('a kind or a name that is none, and a folder that holds something, are refused with nothing written', (t) => {
  const cwd = temporaryFolder();
  for (const name of ['My Op', '../op', '', 'a/b', '-op']) {
    t.throws(
      () => initProject('branch-op', name, { cwd }),
      { message: /expected lower-case words joined by hyphens/ },
      name,
    );
  }
  mkdirSync(join(cwd, 'taken'));
  writeFileSync(join(cwd, 'taken/notes.txt'), 'mine');
  t.throws(() => initProject('backbone' as StartingPoint, 'mine', { cwd }), {
    message: /expected one of config, branch-op/,
  });
  t.throws(() => initProject('strategy', 'taken', { cwd }), { message: /holds something already/ });
  t.deepEqual([...readdirSync(cwd), ...readdirSync(join(cwd, 'taken'))], ['taken', 'notes.txt']);
});
