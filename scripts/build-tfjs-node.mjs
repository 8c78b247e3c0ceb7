// Builds @tensorflow/tfjs-node (with --gpu: tfjs-node-gpu) against the libraries and headers of a `tensorflow` wheel from pip, for
// machines that do not reach the package's own download, and for a current CUDA: the package's is frozen on TensorFlow 2.9.1.
// Needs pip, a C++ compiler, python3 and the headers of Node.js. The project's manifest and lock file stay as they are.
import { execFileSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

const VERSION = '4.22.0';
const gpu = process.argv.includes('--gpu');
const name = `@tensorflow/tfjs-node${gpu ? '-gpu' : ''}`;
const root = join(import.meta.dirname, '..');
const target = join(root, 'node_modules', name);
const cache = join(root, 'node_modules', '.cache', 'repnas-tensorflow');

/** Which of a wheel's files go where below the package's `deps`. */
function place(path) {
  const header = /^tensorflow\/include\/((?:tensorflow\/c|tensorflow\/core\/platform|xla\/tsl|tsl)\/.*[^/])$/.exec(
    path,
  );
  if (header) return join('include', header[1]);
  return /^tensorflow\/libtensorflow_(?:cc|framework)\.so\.2$/.test(path) ? join('lib', basename(path)) : undefined;
}

async function extract(wheel, folder) {
  const zip = await yauzl.openPromise(wheel, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const to = place(entry.fileName);
    if (to === undefined) continue;
    const file = join(folder, to);
    mkdirSync(dirname(file), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file));
  }
}

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: 'inherit', cwd: root, ...options });

/** The folder that holds include/node, as an installation of Node.js has it. */
function nodeFolder() {
  const folder = join(dirname(process.execPath), '..');
  if (existsSync(join(folder, 'include', 'node', 'node_api.h'))) return [`--nodedir=${folder}`];
  return [];
}

// As a dependency: npm leaves out what it knows as an optional peer.
const asked = ['--no-save', '--save-prod', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${VERSION}`];
run('npm', ['install', ...asked]);
mkdirSync(cache, { recursive: true });
run('python3', ['-m', 'pip', 'download', '--no-deps', '--dest', cache, gpu ? 'tensorflow' : 'tensorflow-cpu']);
const prefix = gpu ? 'tensorflow-' : 'tensorflow_cpu-';
const wheel = readdirSync(cache)
  .filter((file) => file.startsWith(prefix) && file.endsWith('.whl'))
  .sort()
  .at(-1);
if (!wheel) throw new Error(`pip left no wheel of ${prefix.slice(0, -1)} in ${cache}`);
const deps = join(target, 'deps');
rmSync(deps, { recursive: true, force: true });
await extract(join(cache, wheel), deps);
// The package asks for the names of the C library, which lies inside that of C++.
const links = [
  ['libtensorflow_cc.so.2', 'libtensorflow.so'],
  ['libtensorflow_cc.so.2', 'libtensorflow.so.2'],
  ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
];
for (const [from, to] of links) symlinkSync(from, join(deps, 'lib', to));
run(join(root, 'node_modules', '.bin', 'node-pre-gyp'), ['install', '--build-from-source', ...nodeFolder()], {
  cwd: target,
});
console.log(`${name} ${VERSION} is built against ${wheel}; it is gone after the next npm ci`);
