import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'repnas-newcomer-'));

/** Runs a command as somebody who knows nothing of this repository. @throws Error with all it printed. */
export async function run(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  // What npm and AVA set for their own children is not theirs.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|AVA_|NODE_ENV$|NODE_OPTIONS$|NODE_CHANNEL)/.test(name)),
  );
  try {
    const { stdout } = await execute(command, args, { cwd: folder, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} in ${folder}: ${(error as Error).message}\n${stdout}\n${stderr}`);
  }
}

/** Packs a package, and gives the path of its tarball. */
export async function pack(source: string): Promise<string> {
  const folder = emptyFolder();
  const stdout = await run(resolve(source), 'npm', 'pack', '--json', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
  return join(folder, filename);
}

/** Tarballs of this repository, by what they were packed from, for the test files and runs to come. */
const PACKED = resolve('node_modules/.cache/repnas-packed');

const NO_SOURCES = ['.git', 'dist', 'node_modules', 'runs'];

/** Every file of this repository that is written by people, relative to it. */
function sources(): string[] {
  const entries = readdirSync('.', { withFileTypes: true }).filter(({ name }) => !NO_SOURCES.includes(name));
  return entries
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(entry.name, { recursive: true, withFileTypes: true })
            .filter((inner) => inner.isFile() && !/(?:^|\/)node_modules(?:\/|$)/.test(inner.parentPath))
            .map((inner) => join(inner.parentPath, inner.name))
        : [entry.name],
    )
    .sort();
}

/**
 * Packs this repository as a release is packed: from a copy, since packing builds anew, and tests run from what is built here.
 * What was packed from the same files before is taken again.
 */
export async function packRepnas(): Promise<string> {
  const hash = createHash('sha256');
  const files = sources();
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  const folder = join(PACKED, hash.digest('hex').slice(0, 16));
  const found = existsSync(folder) ? readdirSync(folder).find((name) => name.endsWith('.tgz')) : undefined;
  if (found !== undefined) return join(folder, found);
  const copy = emptyFolder();
  for (const file of files) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(file, join(copy, file));
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const tarball = await pack(copy);
  mkdirSync(folder, { recursive: true });
  // Under a name of its own until it is whole: another test file may be packing too.
  const whole = join(folder, basename(tarball));
  const part = `${whole}.${process.pid}`;
  copyFileSync(tarball, part);
  renameSync(part, whole);
  return whole;
}

/** `npm install` of tarballs and names. */
export const install = (folder: string, ...what: readonly string[]): Promise<string> =>
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...what);

/**
 * {@link install}, beginning with what another folder has installed: npm takes from it what the folder's own package.json asks
 * for, removes the rest and adds what is missing.
 */
export async function installLike(other: string, folder: string, ...what: readonly string[]): Promise<void> {
  await run('.', 'cp', '-a', join(other, 'node_modules'), join(folder, 'node_modules'));
  await install(folder, ...what);
}
