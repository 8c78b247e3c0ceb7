import { execFile, execFileSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Functions } from '../../../../plugins/engines/onednn/library.js';
import { loadLibrary } from '../../../../plugins/engines/onednn/library.js';
import { Runtime } from '../../../../plugins/engines/onednn/runtime.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { here } from './here.js';

// What stands in the place of the library is found first by the dynamic linker, in a process of its own.

const MAIN = fileURLToPath(new URL('../../../../core/app/cli/main.js', import.meta.url));
const COMPILERS = ['/usr/bin/cc', '/usr/bin/gcc', '/usr/bin/clang'];

interface Found {
  readonly engine: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly install?: string;
}

/** What doctor says where `make` puts the file that is taken for oneDNN. */
async function doctor(
  t: ExecutionContext,
  make: (path: string) => void,
  args: readonly string[],
): Promise<{ stdout: string }> {
  const folder = temporaryFolder(t);
  make(join(folder, 'libdnnl.so.2'));
  const env = { ...process.env, LD_LIBRARY_PATH: folder };
  return promisify(execFile)(process.execPath, [MAIN, 'doctor', ...args], { env });
}

async function report(t: ExecutionContext, make: (path: string) => void): Promise<Found> {
  const { stdout } = await doctor(t, make, ['--engine', 'onednn', '--json']);
  const [found] = JSON.parse(stdout) as Found[];
  if (!found) throw new Error('doctor reports no engine');
  return found;
}

const unix = process.platform === 'linux' ? test : test.skip;

unix('a library that cannot be loaded is reported with the package to install', async (t) => {
  const found = await report(t, (path) => writeFileSync(path, 'not a library'));
  t.false(found.available);
  t.regex(found.reason ?? '', /libdnnl\.so\.2 does not load/);
  t.regex(found.install ?? '', /apt-get install libdnnl2/);
});

unix('auto moves on to the next engine', async (t) => {
  const { stdout } = await doctor(t, (path) => writeFileSync(path, 'not a library'), []);
  t.regex(stdout, /engine: auto takes (wasm|tfjs-node|webgpu|tfjs-node-gpu)/);
});

unix('another library under its name is refused', async (t) => {
  const libc = ['/lib/x86_64-linux-gnu/libm.so.6', '/lib/aarch64-linux-gnu/libm.so.6', '/lib64/libm.so.6'];
  const other = libc.find((path) => existsSync(path));
  if (!other) {
    t.log('no other library was found to stand in');
    t.pass();
    return;
  }
  const found = await report(t, (path) => symlinkSync(other, path));
  t.false(found.available);
  t.regex(found.reason ?? '', /libdnnl\.so\.2 is not oneDNN/);
  t.regex(found.install ?? '', /apt-get install libdnnl2/);
});

const compiler = COMPILERS.find((path) => existsSync(path));
const compiled = compiler ? unix : test.skip;

compiled(
  'a version whose structures are not known is refused by its number, and nothing else of it is called',
  async (t) => {
    const found = await report(t, (path) => {
      const source = join(path, '..', 'version.c');
      writeFileSync(
        source,
        'static const int version[3] = {3, 1, 4};\nconst void *dnnl_version(void) { return version; }\n',
      );
      execFileSync(compiler as string, ['-shared', '-fPIC', '-o', path, source]);
    });
    t.false(found.available);
    t.regex(found.reason ?? '', /found oneDNN 3\.1\.4; its interface differs from that of 2\.6/);
    t.regex(found.install ?? '', /apt-get install libdnnl2/);
  },
);

here('the engine and stream of the library are given back once', async (t) => {
  const library = await loadLibrary();
  const destroyed: string[] = [];
  const counted =
    (name: 'engineDestroy' | 'streamDestroy'): Functions['engineDestroy'] =>
    (handle) => {
      destroyed.push(name);
      return library.functions[name](handle);
    };
  const functions = {
    ...library.functions,
    engineDestroy: counted('engineDestroy'),
    streamDestroy: counted('streamDestroy'),
  };
  const runtime = new Runtime({ ...library, functions });
  runtime.destroy();
  runtime.destroy();
  t.deepEqual(destroyed, ['streamDestroy', 'engineDestroy']);
});
