import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryFolder } from '../../../plugins/datasets/temporary.js';
import { archiveOf, sending, serve, sha256 } from '../../io/fetch/server.js';

const MAIN = fileURLToPath(new URL('../../../../core/app/cli/main.js', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const repnas = (cwd: string, ...args: string[]): Promise<Outcome> =>
  new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { cwd }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

test('`data get` fetches the set of a plugin that the nearest config lists: path on stdout, progress on stderr', async (t) => {
  const folder = await temporaryFolder(t);
  const file = archiveOf([{ path: 'shapes/all.bin', data: Buffer.from('circle square') }]);
  const { url } = await serve(t, sending(file));
  const archive = { url, bytes: file.length, sha256: sha256(file), folder: 'shapes', files: ['all.bin'] };
  writeFileSync(
    join(folder, 'shapes.mjs'),
    `const options = { safeParse: (data) => ({ success: true, data }) };
     const part = { name: 'shapes', summary: 'shapes', options, archive: ${JSON.stringify(archive)}, open: async () => {} };
     export default { name: 'shapes', apiVersion: 1, setup: (host) => { host.add('dataset', part); } };`,
  );
  writeFileSync(join(folder, 'repnas.config.json'), JSON.stringify({ plugins: ['./shapes.mjs'] }));
  const first = await repnas(folder, 'data', 'get', 'shapes');
  t.is(first.code, 0, first.stderr);
  t.is(first.stdout.trim(), join('data', 'shapes'));
  t.regex(first.stderr, /shapes: 0\.0 of 0\.0 MiB[\s\S]*fetched and checked/);
  t.true(existsSync(join(folder, 'data', 'shapes', 'all.bin')));
  t.regex((await repnas(folder, 'data', 'get', 'shapes')).stderr, /already there/);
});

test('`data get` says what can be fetched, and refuses another file under the name of CIFAR-10', async (t) => {
  const folder = await temporaryFolder(t);
  const unknown = await repnas(folder, 'data', 'get', 'imagenet');
  t.is(unknown.code, 2);
  t.regex(unknown.stderr, /found 'imagenet'.*expected one of cifar10, cifar100/);
  const { url } = await serve(t, sending(Buffer.from('not cifar')));
  const other = await repnas(folder, 'data', 'get', 'cifar10', '--path', 'here', '--url', url);
  t.is(other.code, 1);
  t.regex(other.stderr, /announces 9 bytes; expected 170052171: it is another file/);
  t.false(existsSync(join(folder, 'here', 'cifar-10-batches-bin')));
});
