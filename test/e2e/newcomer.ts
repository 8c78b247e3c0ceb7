import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

/** Packs this repository as a release is packed: from a copy, since packing builds anew, and tests run from what is built here. */
export async function packRepnas(): Promise<string> {
  const copy = emptyFolder();
  for (const name of readdirSync('.')) {
    if (!['.git', 'dist', 'node_modules', 'runs'].includes(name)) cpSync(name, join(copy, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return pack(copy);
}

/** `npm install` of tarballs and names. */
export const install = (folder: string, ...what: readonly string[]): Promise<string> =>
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...what);
