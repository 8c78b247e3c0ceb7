import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newestWhole } from '../../core/run/checkpoint/read.js';
import { atRename } from './at-rename.js';
import { type Ended, repnas, repnasAfter } from './command.js';
import { type Findings, skipped, tally } from './findings.js';
import { decisive, differences, inFolder, runArguments, runToEnd, writeConfig } from './short-run.js';

const NOBODY = 65534;

const mount = (...args: readonly string[]): boolean => spawnSync('mount', [...args]).status === 0;

/**
 * Whether a run that could not go on ended as it should: exit code 1, as nothing is wrong with how it was called, a message,
 * no stack, no checkpoint that is not whole.
 */
function cleanEnd({ code, stderr }: Ended, run: string, words: RegExp, expected = 1): string | undefined {
  if (code !== expected) return `exit code ${code}: ${stderr}`;
  if (!words.test(stderr) || /^\s+at .+:\d+:\d+/m.test(stderr)) return `said: ${stderr}`;
  if (!existsSync(run)) return undefined;
  const { skipped: broken } = newestWhole(run);
  return broken.length > 0 ? `${broken[0]?.path} is not whole: ${broken[0]?.why}` : undefined;
}

/** Runs on file systems that are too small; gives them room, and resumes. */
export const fullDisk = (kibibytes: readonly number[]): Promise<Findings> =>
  inFolder(async (folder) => {
    const what = 'a full disk: stops with a message, resumed to the same bytes once there is room';
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk)) return skipped(what, 'this user may mount no tmpfs');
    spawnSync('umount', [disk]);
    const config = writeConfig(folder);
    await runToEnd(config, join(folder, 'whole'));
    const expected = decisive(join(folder, 'whole', 'run'));
    const failures: string[] = [];
    const outcomes: string[] = [];
    for (const size of kibibytes) {
      mount('-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', disk);
      try {
        const run = join(disk, 'run');
        const ended = await runToEnd(config, disk);
        const wrong = ended.code === 0 ? undefined : cleanEnd(ended, run, /ENOSPC|no space/i);
        outcomes.push(
          ended.code === 0 ? 'had room enough' : `stopped, ${newestWhole(run).newest ? 'with' : 'before'} a checkpoint`,
        );
        if (wrong) failures.push(`${size} KiB: ${wrong}`);
        mount('-o', 'remount,size=64m', disk);
        const again = await runToEnd(config, disk, '--resume');
        const other =
          again.code === 0 ? differences(expected, decisive(run)) : [`exit code ${again.code}: ${again.stderr}`];
        if (other.length > 0)
          failures.push(`${size} KiB, resumed: ${other.join(', ')}; first ${ended.stderr}; then ${again.stderr}`);
      } finally {
        spawnSync('umount', [disk]);
      }
    }
    return { what, tried: kibibytes.length, failures, detail: tally(outcomes) };
  });

/** A folder that may not be written, from the start and while a run goes. */
export const readOnlyFolder = (): Promise<Findings> =>
  inFolder(async (folder) => {
    const what = 'a read-only folder: refused, or stopped with a message and a whole checkpoint';
    const config = writeConfig(folder);
    chmodSync(folder, 0o755);
    const root = process.getuid?.() === 0;
    const user = root ? { uid: NOBODY, gid: NOBODY } : {};
    const out = join(folder, 'out');
    const failures: string[] = [];
    mkdirSync(out, { mode: 0o555 });
    const first = await repnas(runArguments(config, out), user).ended;
    const refused = cleanEnd(first, join(out, 'run'), /out\/run.*(EACCES|permission denied|may not)/i, 2);
    if (refused) failures.push(`from the start: ${refused}`);
    chmodSync(out, 0o755);
    if (root) chownSync(out, NOBODY, NOBODY);
    const checkpoints = join(out, 'run', 'checkpoints');
    const env = atRename(
      folder,
      join(checkpoints, 'step-00000002'),
      `fs.chmodSync(${JSON.stringify(checkpoints)}, 0o555);`,
    );
    const second = await repnas(runArguments(config, out), { ...user, env }).ended;
    const stopped = cleanEnd(second, join(out, 'run'), /checkpoints.*(EACCES|permission denied)/i);
    if (stopped) failures.push(`while it goes: ${stopped}`);
    chmodSync(checkpoints, 0o755);
    const third = await repnas(runArguments(config, out, '--resume'), user).ended;
    if (third.code !== 0) failures.push(`resumed: exit code ${third.code}: ${third.stderr}`);
    return { what, tried: 2, failures, detail: '1 refused, 1 stopped and resumed' };
  });

/** Runs with too few file handles; those that cannot go on say so, the others end as ever. */
export const fewHandles = (limits: readonly number[]): Promise<Findings> =>
  inFolder(async (folder) => {
    const config = writeConfig(folder);
    await runToEnd(config, join(folder, 'whole'));
    const expected = decisive(join(folder, 'whole', 'run'));
    const failures: string[] = [];
    const outcomes: string[] = [];
    for (const limit of limits) {
      const out = join(folder, String(limit));
      const ended = await repnasAfter(`ulimit -n ${limit};`, runArguments(config, out)).ended;
      // Below some number Node itself cannot start, and says so by aborting.
      if (
        ended.code === 134 ||
        (ended.code !== 0 && !existsSync(join(out, 'run')) && !ended.stderr.includes('error:')) ||
        // Its loader takes a file that it cannot open for one that is not there.
        /Cannot find (package|module)/.test(ended.stderr)
      ) {
        outcomes.push('too few for Node itself');
        continue;
      }
      outcomes.push(ended.code === 0 ? 'enough' : 'stopped with a message');
      const run = join(out, 'run');
      if (ended.code !== 0) {
        const wrong = cleanEnd(ended, run, /EMFILE|too many open files/i);
        if (wrong) failures.push(`${limit} handles: ${wrong}`);
      }
      const again = ended.code === 0 || !existsSync(run) ? ended : await runToEnd(config, out, '--resume');
      if (existsSync(run)) {
        const other =
          again.code === 0 ? differences(expected, decisive(run)) : [`exit code ${again.code}: ${again.stderr}`];
        if (other.length > 0) failures.push(`${limit} handles, resumed: ${other.join(', ')}`);
      }
    }
    return {
      what: 'too few file handles: stops with a message, resumed to the same bytes',
      tried: limits.length,
      failures,
      detail: tally(outcomes),
    };
  });
