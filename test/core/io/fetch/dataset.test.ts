import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { getDataset } from '../../../../core/io/fetch/dataset.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { temporaryFolder } from '../../../plugins/datasets/temporary.js';
import { archiveOf, type Entry, sending, serve, sha256 } from './server.js';

const stream = createRandomSource(1).stream('bytes');
const noise = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, () => stream.integer(256)));

const ENTRIES: readonly Entry[] = [
  { path: 'set/', type: 'Directory' },
  { path: 'set/train.bin', data: noise(60_000) },
  { path: 'set/test.bin', data: noise(20_000) },
  { path: 'set/readme.html', data: Buffer.from('hello') },
];
const FILE = archiveOf(ENTRIES);

const archive = (url: string, file = FILE) => ({
  url,
  bytes: file.length,
  sha256: sha256(file),
  folder: 'set',
  files: ['train.bin', 'test.bin'],
});

const QUICK = { patience: 1 };

/** Nothing in the folder but what may be there. */
const only = (t: ExecutionContext, folder: string, names: readonly string[]): boolean =>
  t.deepEqual(readdirSync(folder).sort(), [...names].sort());

test('a data set is fetched, checked and unpacked as a whole, and not fetched again', async (t) => {
  const folder = await temporaryFolder(t);
  const { url, ranges } = await serve(t, sending(FILE));
  const seen: number[] = [];
  const found = await getDataset(archive(url), folder, { ...QUICK, onProgress: (bytes) => void seen.push(bytes) });
  t.deepEqual(found, { folder: join(folder, 'set'), fetched: true });
  for (const { path, data } of ENTRIES) if (data) t.deepEqual(readFileSync(join(folder, path)), data);
  only(t, folder, ['set']);
  t.deepEqual([seen[0], seen.at(-1)], [0, FILE.length]);
  t.false((await getDataset(archive(url), folder, QUICK)).fetched);
  t.is(ranges.length, 1);
  t.true((await getDataset(archive(url), folder, { ...QUICK, force: true })).fetched);
});

test('a connection that breaks is taken up where it broke, again and again', async (t) => {
  const folder = await temporaryFolder(t);
  const { url, ranges } = await serve(t, sending(FILE, 30_000));
  await getDataset(archive(url), folder, QUICK);
  t.is(ranges[0], undefined);
  t.true(ranges.length > 2 && ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? '')), `${ranges}`);
  t.deepEqual(readFileSync(join(folder, 'set/train.bin')), ENTRIES[1]?.data);
});

test('a later call goes on with what an earlier one left', async (t) => {
  const folder = await temporaryFolder(t);
  const { url } = await serve(t, sending(FILE));
  const gone = await serve(t, (_, response) => response.destroy());
  writeFileSync(join(folder, '.set.tar.gz.part'), FILE.subarray(0, 1000));
  await t.throwsAsync(getDataset(archive(gone.url), folder, { ...QUICK, tries: 3 }), {
    message: /cannot be read: .*; 1000 of \d+ bytes are there: the same command goes on/,
  });
  t.is(gone.ranges.length, 3);
  const seen: number[] = [];
  await getDataset(archive(url), folder, { ...QUICK, onProgress: (bytes) => void seen.push(bytes) });
  t.is(seen[0], 1000);
});

test('stopped by its signal it leaves what it has, and no folder', async (t) => {
  const folder = await temporaryFolder(t);
  const { url } = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': FILE.length });
    response.write(FILE.subarray(0, 5000));
  });
  const controller = new AbortController();
  const fetching = getDataset(archive(url), folder, {
    ...QUICK,
    signal: controller.signal,
    onProgress: (bytes) => void (bytes === 5000 && controller.abort()),
  });
  const error = await fetching.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  t.is((error as Error).name, 'AbortError');
  only(t, folder, ['.set.tar.gz.part']);
  t.is(statSync(join(folder, '.set.tar.gz.part')).size, 5000);
});

test('a server that knows no ranges sends all of it, and that is taken', async (t) => {
  const folder = await temporaryFolder(t);
  const { url } = await serve(t, (_, response) => response.end(FILE));
  writeFileSync(join(folder, '.set.tar.gz.part'), noise(1000));
  await getDataset(archive(url), folder, QUICK);
  t.true(existsSync(join(folder, 'set/test.bin')));
});

test('another file, a longer one or one that only says so is refused, and nothing of it kept', async (t) => {
  const folder = await temporaryFolder(t);
  const other = Buffer.from(FILE);
  other[5000] = (other[5000] as number) ^ 1;
  const changed = await serve(t, sending(other));
  await t.throwsAsync(getDataset(archive(changed.url), folder, QUICK), {
    message: /has SHA-256 .*; expected .*removed/,
  });
  only(t, folder, []);
  const announced = await serve(t, sending(Buffer.concat([FILE, FILE])));
  await t.throwsAsync(getDataset(archive(announced.url), folder, QUICK), {
    message: new RegExp(`announces ${2 * FILE.length} bytes; expected ${FILE.length}: it is another file`),
  });
  // Without a length, in chunks.
  const endless = await serve(t, (_, response) => {
    response.write(FILE);
    response.end(FILE);
  });
  await t.throwsAsync(getDataset(archive(endless.url), folder, QUICK), { message: /goes on after the \d+ bytes/ });
  t.is(statSync(join(folder, '.set.tar.gz.part')).size, 0);
  const wrongRange = await serve(t, (_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 7-9/10' });
    response.end('abc');
  });
  writeFileSync(join(folder, '.set.tar.gz.part'), FILE.subarray(0, 100));
  await t.throwsAsync(getDataset(archive(wrongRange.url), folder, QUICK), { message: /asked for bytes from 100 on/ });
});

test('an answer that says no is told at once; one that says later is asked again', async (t) => {
  const folder = await temporaryFolder(t);
  const missing = await serve(t, (_, response) => response.writeHead(404).end());
  await t.throwsAsync(getDataset(archive(missing.url), folder, QUICK), { message: /answers 404 Not Found/ });
  t.is(missing.ranges.length, 1);
  let asked = 0;
  const busy = await serve(t, (request, response) => {
    if (++asked < 3) response.writeHead(503).end();
    else sending(FILE)(request, response);
  });
  t.true((await getDataset(archive(busy.url), folder, QUICK)).fetched);
});

test('a server that falls silent is given up', async (t) => {
  const folder = await temporaryFolder(t);
  const { url } = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': FILE.length });
    response.write(FILE.subarray(0, 10));
  });
  await t.throwsAsync(getDataset(archive(url), folder, { patience: 1, silence: 100, tries: 2 }), {
    message: /nothing came for 0\.1 s/,
  });
});

for (const [what, entry, message] of [
  ['climbs out of it', { path: 'set/../../evil', data: Buffer.from('x') }, /'set\/\.\.\/\.\.\/evil', which leads out/],
  ['starts at the root', { path: '/tmp/evil', data: Buffer.from('x') }, /'\/tmp\/evil', which leads out/],
  ['is a link', { path: 'set/train.bin', type: 'SymbolicLink', linkpath: '/etc/passwd' }, /of type SymbolicLink/],
  ['is a device', { path: 'set/null', type: 'CharacterDevice' }, /of type CharacterDevice/],
] as const satisfies readonly (readonly [string, Entry, RegExp])[]) {
  test(`an archive with an entry that ${what} is refused before anything is written`, async (t) => {
    const folder = await temporaryFolder(t);
    const file = archiveOf([...ENTRIES, entry]);
    const { url } = await serve(t, sending(file));
    await t.throwsAsync(getDataset(archive(url, file), folder, QUICK), { message });
    only(t, folder, ['.set.tar.gz.part']);
  });
}

test('an archive that unpacks to more than any set is refused before it is', async (t) => {
  const folder = await temporaryFolder(t);
  const file = archiveOf([...ENTRIES, { path: 'set/bomb.bin', announced: 2 ** 40 }]);
  t.true(file.length < 100_000);
  const { url } = await serve(t, sending(file));
  await t.throwsAsync(getDataset(archive(url, file), folder, QUICK), { message: /holds more than 2147483648 bytes/ });
  only(t, folder, ['.set.tar.gz.part']);
});

test('a server that never ends, and never says how long it is, is left after the bytes that were expected', async (t) => {
  const folder = await temporaryFolder(t);
  let sent = 0;
  const { url } = await serve(t, (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(noise(1000).toString('hex'))) sent += 2000;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await t.throwsAsync(getDataset(archive(url), folder, QUICK), { message: /goes on after the \d+ bytes/ });
  t.is(statSync(join(folder, '.set.tar.gz.part')).size, 0);
  t.true(sent < 2 ** 26, `${sent} bytes were sent`);
});

test('an archive that is broken, or lacks a file, leaves the set that was there', async (t) => {
  const folder = await temporaryFolder(t);
  const good = await serve(t, sending(FILE));
  await getDataset(archive(good.url), folder, QUICK);
  for (const [file, message] of [
    [archiveOf(ENTRIES.slice(0, 2)), /lacks test\.bin in its folder set/],
    [FILE.subarray(0, 20_000), /is no archive that can be unpacked/],
    [noise(5000), /is no archive that can be unpacked/],
  ] as const) {
    const { url } = await serve(t, sending(file));
    await t.throwsAsync(getDataset(archive(url, file), folder, { ...QUICK, force: true }), { message });
    t.deepEqual(readFileSync(join(folder, 'set/test.bin')), ENTRIES[2]?.data);
  }
});
