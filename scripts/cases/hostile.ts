import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, tableOf } from './outcome.js';

/**
 * Hostile inputs: none may run code, hang, take more memory than its bytes allow, or write control characters or live markup. Each is
 * given to the command itself, in a process of its own with a limit on time and memory.
 */
export function hostileCases(folder: string): AsyncIterable<Outcome> | undefined {
  const rows = tableOf(folder);
  return rows[0] && 'command' in rows[0] ? tried(folder, rows) : undefined;
}

const COMMAND = fileURLToPath(new URL('../../core/app/cli/main.js', import.meta.url));
const SECONDS = 180;

async function* tried(folder: string, rows: ReturnType<typeof tableOf>): AsyncGenerator<Outcome> {
  for (const { file = '', expected = '' } of rows) {
    const [name = ''] = file.split(',').map((part) => part.trim().replaceAll('`', ''));
    const path = resolve(folder, name);
    if (!existsSync(path)) yield { file: name, kind: 'hostile', verdict: 'WRONG', detail: 'the file is missing' };
    else if (/^rce-run/.test(name)) yield { file: name, kind: 'hostile', ...codeInRun(resolve(folder, 'rce-run')) };
    else if (name.startsWith('report')) yield { file: name, kind: 'hostile', ...report(path) };
    else yield { file: name, kind: 'hostile', ...imported(path, expected) };
  }
}

type Verdict = Pick<Outcome, 'verdict' | 'detail'>;

interface Ran {
  readonly status: number | null;
  readonly out: string;
}

function run(cwd: string, ...args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=512', COMMAND, ...args], {
    cwd,
    timeout: SECONDS * 1000,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { status, out: `${stdout}${stderr}` };
}

function inFolder(attempt: (folder: string) => Verdict): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'repnas-hostile-'));
  try {
    return attempt(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A refusal names the file; what passes has read something, and neither shows what a terminal would obey. */
function imported(path: string, expected: string): Verdict {
  return inFolder((folder) => {
    const { status, out } = run(folder, 'import', path, '-o', 'o');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(out))
      return { verdict: 'WRONG', detail: 'control characters reach the terminal' };
    if (status === null) return { verdict: 'WRONG', detail: `not done after ${SECONDS} s` };
    if (out.length > 100_000) return { verdict: 'WRONG', detail: `${out.length} characters of output` };
    const said = out.trim().split('\n')[0] ?? '';
    // What is not of the kind that is refused goes on to the next question, whether there is a network in it.
    if (status === 2 && /^read/.test(expected) && !out.includes('dtype')) return { verdict: 'held', detail: said };
    if (status === 2 && out.includes(basename(path))) return { verdict: 'refused', detail: said };
    if (status === 0 && /read/.test(expected)) return { verdict: 'held', detail: said };
    return { verdict: 'WRONG', detail: `exit code ${status}: ${said}` };
  });
}

/** A run folder whose config names a program in it: the program must not run, and the refusal must name it. */
function codeInRun(path: string): Verdict {
  return inFolder((folder) => {
    const made = join(folder, 'run');
    const config = { ...QUICK, out: folder };
    const trained = run(
      folder,
      'run',
      'repnas:quickstart',
      ...Object.entries(config).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
      '--name',
      'run',
    );
    if (trained.status !== 0) return { verdict: 'WRONG', detail: `no run to put it into: ${trained.out.slice(-200)}` };
    rmSync(join(made, 'manifest.json'), { force: true });
    for (const name of readdirSync(path)) cpSync(join(path, name), join(made, name));
    mkdirSync(join(folder, 'rce'), { recursive: true });
    const outcomes = [
      ['eval', 'run'],
      ['fuse', 'run'],
      ['export', 'run'],
      ['report', 'run'],
      ['eval', 'run', '--trust-plugins'],
    ].map((args) => [args.join(' '), run(folder, ...args)] as const);
    if (existsSync(join(folder, 'rce', 'PWNED'))) return { verdict: 'WRONG', detail: 'code in the run folder was run' };
    // A folder without its seal is no source of a report, whatever it names.
    const silent = outcomes.find(
      ([args, { status, out }]) => status === 0 || (!args.startsWith('report') && !out.includes('evil.mjs')),
    );
    if (silent)
      return {
        verdict: 'WRONG',
        detail: `${silent[0]}: exit code ${silent[1].status}: ${silent[1].out.slice(0, 200)}`,
      };
    return { verdict: 'refused', detail: outcomes[0]?.[1].out.trim().split('\n')[0] ?? '' };
  });
}

/** The smallest run there is. */
const QUICK = {
  engine: 'cpu',
  dataset: '{name: synthetic, shape: [8, 8, 3], classes: 3, train: 32, test: 24}',
  backbone: '{name: cifar-quick, width: 0.125, kernelSize: 3}',
  'train.epochs': '{warmUp: 1, search: 1, frozen: 1}',
  budget: '{branches: 5}',
} as const;

/** Names of others in a report are text: no markup, no second heading, no formula. */
function report(path: string): Verdict {
  return inFolder((folder) => {
    cpSync(path, join(folder, 'report'), { recursive: true });
    const { status, out } = run(folder, 'report', 'report', '-o', 'written');
    const written = join(folder, 'written');
    if (status !== 0 || !existsSync(written))
      return { verdict: status === 2 ? 'refused' : 'WRONG', detail: out.trim().split('\n')[0] ?? '' };
    for (const name of readdirSync(written)) {
      const text = readFileSync(join(written, name), 'utf8');
      if (
        /\.(?:md|html)$/.test(name) &&
        /<(?:script|img|iframe|svg[^>]*onload)/i.test(text.replaceAll(/<svg[\s\S]*?<\/svg>/g, ''))
      )
        return { verdict: 'WRONG', detail: `${name} holds live markup` };
      if (name.endsWith('.csv') && /(?:^|[\r\n,])"?[=+@]/.test(text))
        return { verdict: 'WRONG', detail: `${name} holds a formula` };
      if (name.endsWith('.html') && !text.includes('Content-Security-Policy'))
        return { verdict: 'WRONG', detail: `${name} has no policy` };
    }
    return { verdict: 'held', detail: `${readdirSync(written).length} files, nothing live in them` };
  });
}
