import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomSource } from '../../core/train/random/index.js';
import type { RandomStream } from '../../core/contracts/index.js';
import { atRename } from './at-rename.js';
import { type Ended, forEach, repnas } from './command.js';
import { type Findings, tally } from './findings.js';
import { decisive, differences, filesBelow, inFolder, runArguments, runToEnd, writeConfig } from './short-run.js';

const NOBODY = 65534;

/** What can befall a file. */
const DAMAGES: Readonly<Record<string, (path: string, random: RandomStream) => void>> = {
  truncated: (path, random) => {
    const { length } = readFileSync(path);
    truncateSync(path, length === 0 ? 0 : random.integer(length));
  },
  emptied: (path) => truncateSync(path, 0),
  'a flipped bit': (path, random) => {
    const bytes = readFileSync(path);
    if (bytes.length === 0) return;
    const at = random.integer(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.integer(8));
    writeFileSync(path, bytes);
  },
  deleted: (path) => rmSync(path),
  'a folder in its place': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  unreadable: (path) => chmodSync(path, 0),
};

/** Somebody whom permissions mean something to: root may read everything. */
function asNobody(folder: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const file of [
    '',
    ...filesBelow(folder).flatMap((file) => file.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'))),
  ])
    chownSync(join(folder, file), NOBODY, NOBODY);
  chmodSync(folder, 0o755);
  return { uid: NOBODY, gid: NOBODY };
}

/** What went wrong with how a command took it; nothing where it did well. */
function verdict({ code, stderr }: Ended, file: string): string | undefined {
  if (code !== 0 && code !== 1 && code !== 2) return `exit code ${code}: ${stderr}`;
  if (/^\s+at .+:\d+:\d+/m.test(stderr)) return `a stack instead of a message: ${stderr}`;
  if (code !== 0 && !stderr.includes(file)) return `exit code ${code} without a word of the file: ${stderr}`;
  return undefined;
}

interface Case {
  readonly file: string;
  readonly damage: string;
}

/** Every file under every damage, or as many of these as asked for, drawn by chance. */
function cases(folder: string, count: number, random: RandomStream): Case[] {
  const all = filesBelow(folder).flatMap((file) => Object.keys(DAMAGES).map((damage) => ({ file, damage })));
  return [...random.permutation(all.length)].slice(0, count).map((at) => all[at] as Case);
}

/** Damages one file of an interrupted run, and resumes it. */
export const damagedThenResumed = (count: number, seed: number): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder);
    chmodSync(folder, 0o755);
    await runToEnd(config, join(folder, 'whole'));
    const expected = decisive(join(folder, 'whole', 'run'));
    const source = createRandomSource(seed);
    const random = source.stream('damage-resumed');
    const stopped = join(folder, 'stopped', 'run');
    const baseline = join(stopped, 'baseline', 'checkpoints', 'step-00000004');
    const env = atRename(folder, baseline, "process.kill(process.pid, 'SIGKILL');");
    await repnas(runArguments(config, join(folder, 'stopped')), { env }).ended;
    const failures: string[] = [];
    const outcomes: string[] = [];
    await forEach(cases(stopped, count, random), async ({ file, damage }, index) => {
      const out = join(folder, String(index));
      const run = join(out, 'run');
      cpSync(stopped, run, { recursive: true });
      DAMAGES[damage]?.(join(run, file), source.stream('damage', index));
      const ended = await repnas(runArguments(config, out, '--resume'), asNobody(out)).ended;
      const wrong = verdict(ended, file) ?? wrongEnd(ended, file, run, expected);
      if (wrong) failures.push(`${file}, ${damage}: ${wrong}`);
      outcomes.push(
        ended.code === 0
          ? ended.stderr.includes(file)
            ? 'named and gone on'
            : 'gone on without need of it'
          : 'refused by name',
      );
      rmSync(out, { recursive: true, force: true });
    });
    return {
      what: 'a damaged file in the folder of an interrupted run',
      tried: outcomes.length,
      failures,
      detail: tally(outcomes),
    };
  });

/** A run that went on must end as one that was never damaged; where its story has a hole, that must be said. */
function wrongEnd(
  { code, stderr }: Ended,
  file: string,
  run: string,
  expected: ReadonlyMap<string, string>,
): string | undefined {
  if (code !== 0) return undefined;
  const found = decisive(run);
  // A warning that events are lost is an event itself: the numbers of those after it move on by one.
  const renumbered = (name: string): boolean =>
    file === 'events.jsonl' &&
    name === 'metrics.csv' &&
    withoutNumbers(found.get(name)) === withoutNumbers(expected.get(name));
  const other = differences(expected, found).filter(
    (name) => !(stderr.includes(file) && (name === file || renumbered(name))),
  );
  return other.length > 0 ? `${other.join(', ')} differ: ${stderr}` : undefined;
}

const withoutNumbers = (rows = ''): string => rows.replace(/^\d+,/gm, '');

/** Damages one file of a finished run, and opens it: to evaluate the network once more, and for a report of its figures. */
export const damagedThenOpened = (count: number, seed: number): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder);
    chmodSync(folder, 0o755);
    await runToEnd(config, folder);
    const whole = join(folder, 'run');
    const evaluate = (run: string) => repnas(['eval', run], asNobody(run)).ended;
    const report = (run: string) =>
      repnas(['report', run, '--json', '--out', join(run, '..', 'report')], asNobody(join(run, '..'))).ended;
    const { stdout: expected } = await evaluate(whole);
    const { stdout: reported } = await report(whole);
    const source = createRandomSource(seed);
    const random = source.stream('damage-opened');
    const failures: string[] = [];
    const outcomes: string[] = [];
    const wanted = cases(whole, count * 2, random).filter(({ file }) => !file.includes('checkpoints/'));
    await forEach(wanted.slice(0, count), async ({ file, damage }, index) => {
      const own = join(folder, String(index));
      const run = join(own, 'run');
      cpSync(whole, run, { recursive: true });
      DAMAGES[damage]?.(join(run, file), source.stream('damage', index));
      const ended = await evaluate(run);
      const named = ended.stderr.includes(file);
      const wrong =
        verdict(ended, file) ??
        (ended.code === 0 && ended.stdout !== expected ? `other figures: ${ended.stdout}` : undefined) ??
        (named ? undefined : 'nothing was said') ??
        wrongReport(await report(run), file, reported);
      if (wrong) failures.push(`${file}, ${damage}: ${wrong}`);
      outcomes.push(ended.code === 0 ? 'named, the figures right' : 'refused by name');
      rmSync(own, { recursive: true, force: true });
    });
    return {
      what: 'a damaged file in the folder of a finished run, opened again and reported',
      tried: outcomes.length,
      failures,
      detail: tally(outcomes),
    };
  });

/** A report has the figures that the run had, or there is none; what is drawn from events may be missing with them. */
function wrongReport(ended: Ended, file: string, expected: string): string | undefined {
  const wrong =
    verdict(ended, file) ??
    (ended.code === 0 && figures(ended.stdout) !== figures(expected) ? ended.stdout : undefined);
  return wrong && `in a report: ${wrong}`;
}

function figures(report: string): string {
  const { entrants } = JSON.parse(report) as { entrants: readonly Record<string, unknown>[] };
  return JSON.stringify(
    entrants.map(({ entrant, accuracy, over, kept, trainingForm, fusedForm }) => [
      [entrant, accuracy, over, kept],
      [trainingForm, fusedForm],
    ]),
  );
}
