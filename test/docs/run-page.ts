import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../core/run/tiny.js';
import { type CodeBlock, codeBlocks } from './page.js';

const run = promisify(execFile);

/** What a stranger's folder holds who has installed the package and what its plugins need. */
function strangersFolder(): string {
  const folder = temporaryFolder();
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(resolve('.'), join(folder, 'node_modules/repnas'));
  for (const name of ['zod', 'rxjs', 'ava', '@tensorflow'])
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  const command = join(bin, 'repnas');
  writeFileSync(command, `#!/bin/sh\nexec node "${resolve('dist/core/app/cli/main.js')}" "$@"\n`);
  chmodSync(command, 0o755);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  return folder;
}

/** Types of a page are checked strictly; those of the package and what it stands on have a test of their own. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  },
};

/**
 * Does what a page of documentation shows, from top to bottom, in an empty folder: files are written, shell lines run, TypeScript is
 * type-checked, JSON parsed.
 * @param project folder whose files are there from the beginning
 * @throws Error naming page and line.
 */
export async function runPage(path: string, project?: string): Promise<number> {
  const folder = strangersFolder();
  if (project !== undefined) cpSync(project, folder, { recursive: true });
  const blocks = codeBlocks(readFileSync(path, 'utf8'));
  for (const block of blocks) {
    try {
      await perform(block, folder);
    } catch (error) {
      const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${path}:${block.line}: ${message}\n${stdout}${stderr}`);
    }
  }
  await checkTypes(path, blocks, folder);
  return blocks.length;
}

async function perform({ language, file, code }: CodeBlock, folder: string): Promise<void> {
  if (file) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  if (language === 'sh') {
    const PATH = `${join(folder, 'node_modules/.bin')}:${process.env['PATH']}`;
    await run('bash', ['-euo', 'pipefail', '-c', code], { cwd: folder, env: { ...process.env, PATH } });
  } else if (language === 'json') JSON.parse(code);
  else if (language === 'js' || language === 'ts') {
    if (!file) throw new Error('code needs the name of its file, as in ```js [name.mjs]');
  } else if (language !== 'text') throw new Error(`a block of '${language}'; expected sh, js, ts, json or text`);
}

async function checkTypes(path: string, blocks: readonly CodeBlock[], folder: string): Promise<void> {
  const files = blocks.flatMap(({ language, file }) => (language === 'ts' && file ? [file] : []));
  if (files.length === 0) return;
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...TSCONFIG, files }));
  try {
    await run(resolve('node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder });
  } catch (error) {
    throw new Error(`${path}: its types do not check\n${(error as { stdout?: string }).stdout}`);
  }
}
