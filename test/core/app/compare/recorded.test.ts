import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readRecords } from '../../../../core/app/compare/records.js';
import { createReport } from '../../../../core/app/compare/report/report.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { description, done, failed } from './records.js';

const written = [done('plain', 0, 0.5), failed('plain', 1, 'it broke'), done('repnas', 0, 0.75)];

test('records are read; lines that are cut off, or are no whole record, count as not run', (t) => {
  const folder = temporaryFolder(t);
  const lines = written.map((record) => JSON.stringify(record));
  const { measured: _, ...unmeasured } = done('repnas', 1, 0.5);
  const hostile = JSON.stringify(done('repnas', 1, 0.5)).replace('"architecture":{', '"architecture":{"__proto__":[],');
  const others = ['null', '7', '{"name":"repnas-1"}', JSON.stringify(unmeasured), hostile, lines[0]?.slice(0, 50)];
  writeFileSync(join(folder, 'trials.jsonl'), [...lines, ...others].join('\n'));
  t.deepEqual(readRecords(folder), written);
  t.deepEqual(readRecords(join(folder, 'none')), []);
});

test('records larger than those of any comparison, or in no file, are refused by name', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'trials.jsonl'), '');
  truncateSync(join(folder, 'trials.jsonl'), 2 ** 31);
  t.throws(() => readRecords(folder), { message: /trials\.jsonl: has 2147483648 bytes; expected at most/ });
  mkdirSync(join(folder, 'other', 'trials.jsonl'), { recursive: true });
  t.throws(() => readRecords(join(folder, 'other')), { message: /trials\.jsonl: is a folder/ });
});

test('blocks and branches of any name are counted, and reach no prototype', (t) => {
  const record = done('repnas', 0, 0.5);
  const architecture = { constructor: ['toString', 'conv-kxk'], a: ['constructor'] };
  const { entrants } = createReport(description(['repnas'], [0]), [
    { ...record, result: { ...record.result, architecture } },
  ]);
  t.deepEqual(entrants[0]?.kept, { constructor: { toString: 1, 'conv-kxk': 1 }, a: { constructor: 1 } } as object);
  t.is((Object as unknown as Record<string, unknown>)['conv-kxk'], undefined);
});
