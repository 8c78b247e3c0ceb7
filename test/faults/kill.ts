import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createRandomSource } from '../../core/train/random/index.js';
import { MAIN, repnas, type Started, start, until } from './command.js';
import { type Findings, tally } from './findings.js';
import { decisive, differences, inFolder, runArguments, runToEnd, writeConfig } from './short-run.js';

const names = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const temporaries = (run: string): string[] =>
  [
    run,
    join(run, 'checkpoints'),
    join(run, 'baseline'),
    join(run, 'baseline', 'checkpoints'),
    join(run, 'model'),
  ].flatMap((folder) => names(folder).filter((name) => name.endsWith('.tmp')));

/** Events in the file so far. */
function events(run: string): { type: string; step?: number }[] {
  try {
    return readFileSync(join(run, 'events.jsonl'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
  } catch {
    return [];
  }
}

/** Where a killed run stood. */
function place(run: string): string {
  const [temporary] = temporaries(run);
  if (temporary?.startsWith('.step-')) {
    const files = ['checkpoints', 'baseline/checkpoints'].flatMap((folder) => names(join(run, folder, temporary)));
    return files.includes('manifest.json') ? 'between manifest and rename' : 'in the writing of a checkpoint';
  }
  if (temporary) return 'in the writing of a file';
  const last = events(run).at(-1);
  if (!last) return 'before the first event';
  const next: Readonly<Record<string, string>> = {
    step: 'between or within steps',
    checkpoint: 'between or within steps',
    'run-started': 'between or within steps',
    'phase-started': 'between or within steps',
    architecture: 'between or within steps',
    'epoch-ended': 'at the end of an epoch or in evaluation',
    gates: 'at the end of an epoch or in evaluation',
    evaluation: 'after an evaluation',
    certificate: 'in fusing, verifying or exporting',
    export: 'in fusing, verifying or exporting',
    done: 'at the very end',
  };
  return next[last.type] ?? `after ${last.type}`;
}

/** Real fault points, where `strace` is there and allowed: the process is killed as it enters its nth call. */
const CALLS = ['rename', 'fsync', 'ftruncate', 'pwrite64', 'unlink', 'mkdir', 'rmdir', 'link'];

export const canTrace = (): boolean =>
  process.platform === 'linux' && spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;

type Kill = (args: readonly string[], run: string) => Promise<Started>;

/** Kills after some time. */
const afterTime =
  (milliseconds: number): Kill =>
  async (args) => {
    const started = repnas(args);
    const over = await Promise.race([started.ended, wait(milliseconds)]);
    if (!over) started.child.kill('SIGKILL');
    return started;
  };

/** Kills once something is seen in the run folder, and a moment later. */
const onceSeen =
  (seen: (run: string) => boolean, delay: number): Kill =>
  async (args, run) => {
    const started = repnas(args);
    await until(() => seen(run), started.ended);
    await wait(delay);
    started.child.kill('SIGKILL');
    return started;
  };

/** Kills as the process enters a call. */
const atCall =
  (call: string, nth: number): Kill =>
  async (args) => {
    const inject = `inject=${call}:signal=SIGKILL:when=${nth}`;
    return start('strace', [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      inject,
      process.execPath,
      MAIN,
      ...args,
    ]);
  };

/**
 * Kills short runs at random moments, some of them again when they were resumed, and resumes them: each must end with the
 * bytes of one that nobody killed.
 */
export const killed = (count: number, seed: number): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder);
    const began = performance.now();
    const whole = await runToEnd(config, join(folder, 'whole'));
    const duration = performance.now() - began;
    if (whole.code !== 0) throw new Error(`the run that nobody kills ended with ${whole.code}: ${whole.stderr}`);
    const expected = decisive(join(folder, 'whole', 'run'));
    const total = events(join(folder, 'whole', 'run')).length;
    const traces = canTrace();
    const places: string[] = [];
    const failures: string[] = [];
    let twice = 0;
    for (let trial = 0; trial < count; trial++) {
      const random = createRandomSource(seed).stream('kill', trial);
      const draw = (): [string, Kill] => {
        const kind = random.integer(traces ? 4 : 3);
        if (kind === 0) {
          const after = Math.round(duration * (0.2 + 0.8 * random.uniform()));
          return [`after ${after} ms`, afterTime(after)];
        }
        if (kind === 1) {
          const event = random.integer(total);
          const delay = random.integer(20);
          return [`${delay} ms after event ${event}`, onceSeen((run) => events(run).length > event, delay)];
        }
        if (kind === 2) {
          const [nth, delay] = [1 + random.integer(12), random.integer(3)];
          let [seen, before] = [0, ''];
          const appeared = (run: string): boolean => {
            const now = temporaries(run)[0] ?? '';
            if (now !== '' && now !== before) seen++;
            before = now;
            return seen >= nth;
          };
          return [`${delay} ms after temporary ${nth}`, onceSeen(appeared, delay)];
        }
        const call = CALLS[random.integer(CALLS.length)] as string;
        const nth = 1 + random.integer(call === 'pwrite64' || call === 'fsync' ? 40 : 12);
        return [`at ${call} ${nth}`, atCall(call, nth)];
      };
      const out = join(folder, String(trial));
      const run = join(out, 'run');
      const told: string[] = [];
      for (const resume of random.integer(3) === 0 ? [[], ['--resume']] : [[]]) {
        const [how, kill] = draw();
        const { code } = await (await kill(runArguments(config, out, ...resume), run)).ended;
        told.push(how);
        if (code === 137) places.push(place(run));
        if (resume.length > 0 && code === 137) twice++;
        // It was over, or not even begun, before it could be killed.
        if (code === 0 || !names(out).includes('run')) break;
      }
      const resume = names(out).includes('run') ? ['--resume'] : [];
      const { code, stderr } = await runToEnd(config, out, ...resume);
      if (code !== 0) failures.push(`trial ${trial} (${told.join(', ')}): resumed with exit code ${code}: ${stderr}`);
      else {
        const other = differences(expected, decisive(run));
        if (other.length > 0) failures.push(`trial ${trial} (${told.join(', ')}): ${other.join(', ')} differ`);
      }
    }
    return {
      what: 'SIGKILL at random moments, resumed to the same bytes',
      tried: count,
      failures,
      detail: `${places.length} kills${twice > 0 ? `, ${twice} of them of a resumed run` : ''}: ${tally(places)}${traces ? '' : ' (no strace here: by time and by what the folder shows)'}`,
    };
  });
