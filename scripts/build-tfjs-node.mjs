// Builds @tensorflow/tfjs-node (with --gpu: tfjs-node-gpu) against the libraries and headers of a `tensorflow` wheel from pip, for
// machines that do not reach the package's own download, and for a current CUDA: the package's is frozen on TensorFlow 2.9.1.
// Needs pip, a C++ compiler, python3 and the headers of Node.js. The project's manifest and lock file stay as they are.
import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

const VERSION = '4.22.0';
const gpu = process.argv.includes('--gpu');
const name = `@tensorflow/tfjs-node${gpu ? '-gpu' : ''}`;
const root = join(import.meta.dirname, '..');
const target = join(root, 'node_modules', name);

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

/** Has pip fetch the wheel of a distribution. @throws Error with what pip said where it finds none. */
function fetchWheel(distribution, folder) {
  const asked = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--dest', folder, distribution];
  const { status, error, stderr } = spawnSync('python3', asked, { stdio: ['ignore', 'inherit', 'pipe'] });
  const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (status === 0 && wheel) return join(folder, wheel);
  const said = error?.message ?? String(stderr).trim().split('\n').at(-1);
  throw new Error(`pip finds no wheel of ${distribution} for this machine's Python: ${said}`);
}

/** What to do where there is no wheel. */
const otherwise = gpu
  ? `the npm package alone computes with CUDA 11.2; \`npm run build:tfjs-node\` without --gpu builds tfjs-node, for the CPU`
  : 'the engines onednn and wasm need neither';

const downloads = mkdtempSync(join(tmpdir(), 'repnas-tensorflow-'));
process.on('exit', () => rmSync(downloads, { recursive: true, force: true }));
let wheel;
try {
  wheel = fetchWheel(gpu ? 'tensorflow' : 'tensorflow-cpu', downloads);
} catch (error) {
  console.error(`${name} is not built: ${error.message}\n${otherwise}`);
  process.exit(1);
}
// As a dependency: npm leaves out what it knows as an optional peer.
const asked = ['--no-save', '--save-prod', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${VERSION}`];
run('npm', ['install', ...asked]);
const deps = join(target, 'deps');
rmSync(deps, { recursive: true, force: true });
await extract(wheel, deps);
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
console.log(`${name} ${VERSION} is built against ${basename(wheel)}; it is gone after the next npm ci`);
