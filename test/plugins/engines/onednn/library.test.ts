import { execFile, execFileSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Interface } from '../../../../plugins/engines/onednn/ffi/interface.js';
import { loadLibrary } from '../../../../plugins/engines/onednn/ffi/library.js';
import { packageToInstall, type System } from '../../../../plugins/engines/onednn/ffi/packages.js';
import { libraryPlaces } from '../../../../plugins/engines/onednn/ffi/places.js';
import { Runtime } from '../../../../plugins/engines/onednn/runtime.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { here } from './here.js';

// What stands in the place of the library is named to a process of its own.

const MAIN = fileURLToPath(new URL('../../../../core/app/cli/main.js', import.meta.url));
const COMPILERS = ['/usr/bin/cc', '/usr/bin/gcc', '/usr/bin/clang'];

interface Found {
  readonly available: boolean;
  readonly reason?: string;
  readonly install?: string;
}

const ENGINE = new URL('../../../../plugins/engines/onednn/engine.js', import.meta.url).href;

/** What the engine says of itself where `make` puts the file that is taken for oneDNN. */
async function report(t: ExecutionContext, make: (path: string) => void): Promise<Found> {
  const program = `
    import { onednn } from '${ENGINE}';
    console.log(JSON.stringify(await onednn.probe({})));`;
  const { stdout } = await runWith(t, make, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout) as Found;
}

function runWith(
  t: ExecutionContext,
  make: (path: string) => void,
  args: readonly string[],
): Promise<{ stdout: string }> {
  const path = join(temporaryFolder(t), 'libdnnl.so.3');
  make(path);
  const env = { ...process.env, REPNAS_ONEDNN: path };
  return promisify(execFile)(process.execPath, args, { env });
}

const unix = process.platform === 'linux' ? test.serial : test.skip;

unix('a library that cannot be loaded is reported with the package to install', async (t) => {
  const found = await report(t, (path) => writeFileSync(path, 'not a library'));
  t.false(found.available);
  t.regex(found.reason ?? '', /libdnnl\.so\.3 does not load/);
  t.is(found.install, packageToInstall());
});

unix('a file that is not there is reported with the variable that names it', async (t) => {
  const found = await report(t, () => undefined);
  t.false(found.available);
  t.regex(found.reason ?? '', /REPNAS_ONEDNN names .*libdnnl\.so\.3, which is not there/);
});

unix('auto moves on to the next engine', async (t) => {
  const { stdout } = await runWith(t, (path) => writeFileSync(path, 'not a library'), [MAIN, 'doctor']);
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
  t.regex(found.reason ?? '', /libdnnl\.so\.3 is not oneDNN/);
  t.is(found.install, packageToInstall());
});

const compiler = COMPILERS.find((path) => existsSync(path));
const compiled = compiler ? unix : test.skip;

/** A library that knows its version and how its threads run, and nothing else. */
const versionOnly =
  (major: number, minor: number, runtime = 2) =>
  (path: string): void => {
    const source = join(path, '..', 'version.c');
    writeFileSync(
      source,
      `static const struct { int major, minor, patch; const char *hash; unsigned cpu, gpu; } version = {${major}, ${minor}, 4, "", ${runtime}, 0};
const void *dnnl_version(void) { return &version; }
`,
    );
    execFileSync(compiler as string, ['-shared', '-fPIC', '-o', path, source]);
  };

for (const [major, minor] of [
  [2, 5],
  [2, 7],
  [4, 0],
] as const)
  compiled(
    `version ${major}.${minor}, whose interface is not known, is refused, and nothing else of it is called`,
    async (t) => {
      const found = await report(t, versionOnly(major, minor));
      t.false(found.available);
      t.regex(
        found.reason ?? '',
        new RegExp(`is oneDNN ${major}\\.${minor}\\.4; its interface differs from those of 2\\.6 or 3\\.x`),
      );
      t.is(found.install, packageToInstall());
    },
  );

compiled('a library whose threads are not those of OpenMP is refused', async (t) => {
  const found = await report(t, versionOnly(3, 6, 4));
  t.false(found.available);
  t.regex(found.reason ?? '', /is oneDNN 3\.6\.4 built for TBB; expected one built for OpenMP/);
});

test('the file that is asked for is the only place to look', (t) => {
  t.deepEqual(libraryPlaces({ REPNAS_ONEDNN: '/somewhere/libdnnl.so', CONDA_PREFIX: '/conda' }), [
    '/somewhere/libdnnl.so',
  ]);
});

test("version 3 is looked for before version 2, also under Debian's names and in the folders of conda and Homebrew", (t) => {
  const [conda, brew] = [temporaryFolder(t), temporaryFolder(t)];
  const make = (...path: string[]): string => {
    execFileSync('mkdir', ['-p', join(...path, '..')]);
    writeFileSync(join(...path), '');
    return join(...path);
  };
  const names = [
    'libdnnl.so',
    'libdnnl.so.2',
    'libdnnl.so.3',
    'libdnnl.so.3.6',
    'libdnnl.so.3.10',
    'libdnnl_graph.so.3',
  ];
  for (const name of names) make(conda, 'lib', name);
  const ofBrew = make(brew, 'lib', 'libdnnl.so.3');
  const places = libraryPlaces({ CONDA_PREFIX: conda, HOMEBREW_PREFIX: brew }, 'linux', 'x64');
  const ofConda = ['libdnnl.so.3.10', 'libdnnl.so.3.6', 'libdnnl.so.3'].map((name) => join(conda, 'lib', name));
  t.deepEqual(places.slice(0, 4), ['libdnnl.so.3', ...ofConda]);
  t.true(places.indexOf(ofBrew) > 3);
  t.is(places.at(-1), 'libdnnl.so.2');
  const mac = make(brew, 'lib', 'libdnnl.3.dylib');
  t.true(libraryPlaces({ HOMEBREW_PREFIX: brew }, 'darwin', 'arm64').includes(mac));
  t.deepEqual(libraryPlaces({}, 'win32', 'x64'), []);
});

test('the package to install is the one of the system', (t) => {
  const system = (release: string, environment: System['environment'] = {}): System => ({
    platform: 'linux',
    environment,
    release,
  });
  const debian = (version: string): string => `PRETTY_NAME="Debian GNU/Linux"\nVERSION_ID="${version}"\nID=debian\n`;
  t.is(packageToInstall(system(debian('12'))), 'apt-get install libdnnl2');
  t.is(packageToInstall(system(debian('13'))), 'apt-get install libdnnl3.6');
  t.is(packageToInstall(system('ID=debian\nPRETTY_NAME="Debian GNU/Linux forky/sid"\n')), 'apt-get install libdnnl3.6');
  const ubuntu = (version: string): string => `ID=ubuntu\nID_LIKE=debian\nVERSION_ID="${version}"\n`;
  t.is(packageToInstall(system(ubuntu('24.04'))), 'apt-get install libdnnl3');
  t.is(packageToInstall(system(ubuntu('25.10'))), 'apt-get install libdnnl3.6');
  // Its package is 2.5.
  t.is(packageToInstall(system(ubuntu('22.04'))), 'conda install -c conda-forge onednn');
  t.is(
    packageToInstall(system('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n')),
    'apt-get install libdnnl3.6',
  );
  t.is(packageToInstall(system('ID=fedora\nVERSION_ID=42\n')), 'dnf install onednn');
  t.is(packageToInstall(system(debian('12'), { CONDA_PREFIX: '/conda' })), 'conda install -c conda-forge onednn');
  t.is(packageToInstall({ ...system(''), platform: 'darwin' }), 'brew install onednn');
});

here('the engine and stream of the library are given back once', async (t) => {
  const library = await loadLibrary();
  const destroyed: string[] = [];
  const counted =
    (name: 'engineDestroy' | 'streamDestroy'): Interface['engineDestroy'] =>
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

here('descriptions of tensors are given back once the operation is compiled, however that ends', async (t) => {
  const library = await loadLibrary();
  const alive = new Set<unknown>();
  const functions: Interface = {
    ...library.functions,
    describe: (...given) => {
      const made = library.functions.describe(...given);
      alive.add(made);
      return made;
    },
    forget: (description) => {
      t.true(alive.delete(description));
      library.functions.forget(description);
    },
  };
  const runtime = new Runtime({ ...library, functions });
  t.teardown(() => runtime.destroy());
  const { dense } = await import('../../../../plugins/engines/onednn/descriptions.js');
  const during = runtime.compile(() => {
    dense(runtime, [2, 3]);
    runtime.compile(() => dense(runtime, [4]));
    return alive.size;
  });
  t.is(during, 2);
  t.is(alive.size, 0);
  t.throws(() =>
    runtime.compile(() => {
      dense(runtime, [5]);
      dense(runtime, [0]);
    }),
  );
  t.is(alive.size, 0);
  t.throws(() => dense(runtime, [2]), { message: /outside of `Runtime.compile`/ });
});
