import { mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from '../command.js';
import type { Findings } from '../findings.js';
import { inFolder } from '../short-run.js';
import type { FuzzReport } from './fuzz-child.js';

const CHILD = fileURLToPath(new URL('./fuzz-child.js', import.meta.url));

/** What all inputs together may add to the process's memory, MiB. */
const MEMORY_MIB = 512;

/** Under Node's guard nothing may be synced to the device, which the log of events is at its end: its folder is looked at instead. */
const UNGUARDED: readonly string[] = ['events (JSONL)'];

/** Node's own guard against writing elsewhere: the process may write below its folder and nowhere else. */
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/**
 * Gives generated and mutated inputs to one reader, in a process that may write to its own folder only: each is accepted, or
 * refused with a message that says where; none crashes or hangs, and all together stay within a bound of memory.
 */
export const fuzzed = (name: string, runs: number, seed: number): Promise<Findings> =>
  inFolder(async (made) => {
    const folder = realpathSync(made);
    mkdirSync(join(folder, 'inputs'));
    const guard = [
      permission,
      '--allow-fs-read=*',
      `--allow-fs-write=${folder}/*`,
      '--allow-addons',
      '--allow-worker',
      '--no-warnings',
    ];
    const limits = [`--max-old-space-size=${2 * MEMORY_MIB}`];
    const { ended } = start(
      process.execPath,
      [
        ...(UNGUARDED.includes(name) ? [] : guard),
        ...limits,
        CHILD,
        join(folder, 'inputs'),
        name,
        String(runs),
        String(seed),
      ],
      {
        cwd: folder,
        timeout: 300_000 + runs * 100,
        killSignal: 'SIGKILL',
      },
    );
    const { code, stdout, stderr } = await ended;
    const what = `${name}: accepted or refused with a place`;
    if (code !== 0) return { what, tried: runs, failures: [`exit code ${code}: ${stderr}`], detail: '' };
    const { accepted, refused, slowestMs, peakMiB, baseMiB, failures } = JSON.parse(stdout) as FuzzReport;
    const grown = peakMiB - baseMiB;
    const strays = readdirSync(folder).filter((entry) => entry !== 'inputs');
    return {
      what,
      tried: accepted + refused,
      failures: [
        ...failures,
        ...strays.map((entry) => `wrote ${entry} outside its folder`),
        ...(grown > MEMORY_MIB ? [`memory grew by ${grown.toFixed(0)} MiB`] : []),
      ],
      detail: `${accepted} accepted, ${refused} refused, slowest ${slowestMs.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB`,
    };
  });

export const SUBJECTS = [
  'config from the schema',
  'config by mutation',
  'config file, JSON',
  'config file, YAML',
  'IDX',
  'CIFAR',
  'safetensors',
  'safetensors, generated',
  'safetensors, streamed',
  'architecture',
  'events (JSONL)',
  'events, for a report (JSONL)',
  'trials of a comparison (JSONL)',
  'model.json',
  'model.json, graph',
  '.pth',
  '.pth, generated',
] as const;
