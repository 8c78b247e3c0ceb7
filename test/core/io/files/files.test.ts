import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  digestFile,
  FileError,
  isPlainName,
  parseJson,
  pathInside,
  readBytes,
  readLines,
  removeTemporaries,
  sha256,
  writeFileAtomic,
  writeFolderAtomic,
} from '../../../../core/io/files/index.js';
import { temporaryFolder } from '../../../folders/temporary.js';

test('a file is written whole, replaces the old one and leaves nothing beside it', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.txt');
  writeFileAtomic(path, 'first');
  writeFileAtomic(path, 'second');
  t.is(readFileSync(path, 'utf8'), 'second');
  t.deepEqual(readdirSync(folder), ['a.txt']);
});

test('a write that fails names the file and leaves the old one and no temporary', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'taken'));
  writeFileSync(join(folder, 'taken', 'inside'), '');
  const error = t.throws(() => writeFileAtomic(join(folder, 'taken'), 'x'), { instanceOf: FileError });
  t.regex(error.message, /taken: cannot be written/);
  t.deepEqual(readdirSync(folder), ['taken']);
});

test('a file is digested whole or by its first bytes, whatever its size', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'log');
  const bytes = Buffer.alloc(3 * 2 ** 20 + 7, 'event ');
  writeFileSync(path, bytes);
  t.deepEqual(digestFile(path), { size: bytes.length, sha256: sha256(bytes) });
  t.deepEqual(digestFile(path, 2 ** 20 + 1), { size: bytes.length, sha256: sha256(bytes.subarray(0, 2 ** 20 + 1)) });
  writeFileSync(path, '');
  t.deepEqual(digestFile(path), { size: 0, sha256: sha256('') });
  t.throws(() => digestFile(folder), { instanceOf: FileError, message: /is a folder/ });
});

test('a line longer than any event, a folder or a missing file is refused by name', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'lines');
  writeFileSync(path, Buffer.alloc(2 ** 25, 'x'));
  t.throws(() => [...readLines(path)], { instanceOf: FileError, message: /lines: has a line of more than/ });
  t.throws(() => [...readLines(folder)], { instanceOf: FileError, message: /is a folder/ });
  t.throws(() => [...readLines(join(folder, 'none'))], { instanceOf: FileError, message: /none: is missing/ });
});

test('a link is replaced, not written through', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'target'), 'precious');
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  writeFileAtomic(join(folder, 'link'), 'new');
  t.is(readFileSync(join(folder, 'target'), 'utf8'), 'precious');
  t.is(readFileSync(join(folder, 'link'), 'utf8'), 'new');
});

test('a folder appears whole, replaces the one there, and keeps its files inside', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'model');
  writeFolderAtomic(path, new Map([['old', '1']]));
  writeFolderAtomic(
    path,
    new Map<string, string>([
      ['model.json', '{}'],
      ['weights/a.bin', 'aa'],
    ]),
  );
  t.deepEqual(readdirSync(path).sort(), ['model.json', 'weights']);
  t.is(readFileSync(join(path, 'weights', 'a.bin'), 'utf8'), 'aa');
  for (const name of ['../escaped', '/etc/x', 'a/../../b', '', 'a//b', 'c:d']) {
    t.throws(() => writeFolderAtomic(path, new Map([[name, 'x']])), { instanceOf: FileError }, name);
  }
  t.deepEqual(readdirSync(folder), ['model']);
  t.deepEqual(readdirSync(path).sort(), ['model.json', 'weights']);
});

test('what a killed writer left behind is removed, and nothing else', (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['.a.json.0123abcd.tmp', '.hidden', 'kept.tmp']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, '.model.89abcdef.tmp'));
  removeTemporaries(folder);
  t.deepEqual(readdirSync(folder).sort(), ['.hidden', 'kept.tmp']);
});

test('reading says what is wrong with a path', (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('file'), 'abc');
  mkdirSync(path('folder'));
  symlinkSync(path('file'), path('link'));
  execFileSync('mkfifo', [path('pipe')]);
  t.deepEqual([...readBytes(path('file'))], [97, 98, 99]);
  const problem = (name: string, maxBytes?: number): string => {
    const options = maxBytes === undefined ? {} : { maxBytes };
    return t.throws(() => readBytes(path(name), options), { instanceOf: FileError }).problem;
  };
  t.regex(problem('nothing'), /missing/);
  t.regex(problem('folder'), /is a folder/);
  t.regex(problem('link'), /symbolic link/);
  t.regex(problem('pipe'), /no regular file/);
  t.regex(problem('file/below'), /missing/);
  t.regex(problem('file', 2), /has 3 bytes; expected at most 2/);
});

test('a file that may not be read is named', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'secret'), 'x');
  chmodSync(join(folder, 'secret'), 0);
  chmodSync(folder, 0o755);
  const code = `
    process.getuid?.() === 0 && process.setuid(65534);
    const { readBytes } = await import(process.argv[1]);
    try { readBytes(process.argv[2]); } catch (error) { console.log(error.name, error.problem); }`;
  const module = new URL('../../../../core/io/files/index.js', import.meta.url).href;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code, module, join(folder, 'secret')]);
  t.is(output.toString().trim(), 'FileError may not be read by this user');
});

test('a path inside a folder has no links and no way out', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'real'));
  symlinkSync('/etc', join(folder, 'linked'));
  t.is(pathInside(folder, 'real', 'file'), join(folder, 'real', 'file'));
  t.throws(() => pathInside(folder, 'linked', 'passwd'), { message: /linked: is a symbolic link/ });
  t.throws(() => pathInside(folder, '..', 'x'), { instanceOf: FileError });
  t.false(isPlainName('..'));
  t.false(isPlainName('a/b'));
  t.false(isPlainName('a\0b'));
  t.true(isPlainName('stage1.0'));
});

test('JSON is limited in depth, strict UTF-8, and has no __proto__', (t) => {
  const parse = (text: string | Uint8Array) => parseJson(Buffer.from(text), 'x.json');
  t.deepEqual(parse('{"a": ["[[[", {"b": 1}]}'), { a: ['[[[', { b: 1 }] });
  t.throws(() => parse(`${'['.repeat(1e6)}`), { message: /x\.json: nests more than 64/ });
  t.throws(() => parse('{"a": {"__proto__": {"polluted": 1}}}'), { message: /__proto__/ });
  t.throws(() => parse('{"\\u005f_proto__": 1}'), { message: /__proto__/ });
  t.throws(() => parse(Uint8Array.of(0x22, 0xff, 0x22)), { message: /is not JSON/ });
  t.throws(() => parse(''), { message: /is empty/ });
  t.throws(() => parse('{"a": 1'), { message: /is not JSON/ });
});

test('SHA-256 is the one of FIPS 180-4', (t) => {
  t.is(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('lines are read whole, also where a chunk ends within one, or within a letter', (t) => {
  const path = join(temporaryFolder(t), 'lines.txt');
  const lines = Array.from({ length: 60_000 }, (_, at) => `${'é'.repeat(at % 41)}${at}`);
  writeFileSync(path, lines.join('\n'));
  t.deepEqual([...readLines(path)], lines);
  writeFileSync(path, 'a\n\nb\n');
  t.deepEqual([...readLines(path)], ['a', '', 'b']);
  writeFileSync(path, '');
  t.deepEqual([...readLines(path)], []);
});
