import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { lockFolder } from '../../../../core/run/folder/lock.js';
import { LockedError } from '../../../../core/run/errors.js';
import { temporaryFolder } from '../../../folders/temporary.js';

const module = new URL('../../../../core/run/folder/lock.js', import.meta.url).href;

/** A process that tries to lock a folder, says whether it did, and holds on. */
async function locker(folder: string): Promise<{ pid: number; said: string; kill(): Promise<void> }> {
  const code = `
    const { lockFolder } = await import(process.argv[1]);
    try { lockFolder(process.argv[2]); console.log('locked'); } catch (error) { console.log(error.message); }
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, module, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid as number, said: output.toString().trim(), kill };
}

const held = (folder: string) => JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8'));

test('a second process is refused and told of the first; a dead one is succeeded', async (t) => {
  const folder = temporaryFolder(t);
  const first = await locker(folder);
  t.is(first.said, 'locked');
  const error = t.throws(() => lockFolder(folder), { instanceOf: LockedError });
  t.is(error.holder.pid, first.pid);
  t.regex(error.message, new RegExp(`in use by process ${first.pid} on .+ since \\d{4}-`));
  t.deepEqual(readdirSync(folder), ['lock.json']);
  await first.kill();
  const lock = lockFolder(folder);
  t.is(held(folder).pid, process.pid);
  lock.release();
  t.deepEqual(readdirSync(folder), []);
});

test('of many that find the same dead lock, one succeeds it', async (t) => {
  const folder = temporaryFolder(t);
  await (await locker(folder)).kill();
  const lockers = await Promise.all(Array.from({ length: 6 }, () => locker(folder)));
  const winners = lockers.filter(({ said }) => said === 'locked');
  t.is(winners.length, 1, lockers.map(({ said }) => said).join('\n'));
  t.is(held(folder).pid, winners[0]?.pid);
  await Promise.all(lockers.map(({ kill }) => kill()));
});

test('a process of the same id that started later is not the holder', (t) => {
  const folder = temporaryFolder(t);
  lockFolder(folder);
  const lock = held(folder);
  writeFileSync(join(folder, 'lock.json'), JSON.stringify({ ...lock, start: '1' }));
  if (lock.start) t.notThrows(() => lockFolder(folder).release());
  else t.throws(() => lockFolder(folder), { instanceOf: LockedError });
});

test('a lock from before the machine was started again is left over', (t) => {
  const folder = temporaryFolder(t);
  lockFolder(folder);
  const lock = held(folder);
  writeFileSync(join(folder, 'lock.json'), JSON.stringify({ ...lock, boot: 'another' }));
  t.notThrows(() => lockFolder(folder).release());
  t.false(existsSync(join(folder, 'lock.json')));
});

test('a process elsewhere cannot be asked, so its lock must have been silent for ten minutes', (t) => {
  const folder = temporaryFolder(t);
  lockFolder(folder);
  const path = join(folder, 'lock.json');
  for (const elsewhere of [{ host: 'other-machine' }, { namespace: 'another container' }]) {
    writeFileSync(path, JSON.stringify({ ...held(folder), ...elsewhere }));
    const error = t.throws(() => lockFolder(folder), { instanceOf: LockedError });
    t.regex(error.message, /cannot be asked from here; if it no longer runs, delete .*lock\.json or wait 10 minutes/);
    const before = new Date(Date.now() - 11 * 60_000);
    utimesSync(path, before, before);
    t.notThrows(() => lockFolder(folder).release());
    lockFolder(folder);
  }
});

test('a file that is no lock is named', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'lock.json'), '{"pid": "x"}');
  t.throws(() => lockFolder(folder), { message: /lock\.json: is no lock of a run folder; delete it/ });
});
