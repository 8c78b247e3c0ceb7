import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { NumberedEvent, Observer, ObserverSession } from '../../../core/contracts/index.js';
import { csv } from '../../../plugins/observers/csv.js';
import { jsonl } from '../../../plugins/observers/jsonl.js';
import { epochEnded, evaluation, numbered, started, step, warning } from '../../events/examples.js';
import { temporaryFolder } from '../../folders/temporary.js';

interface Setting {
  readonly folder: string;
  readonly firstSequence?: number;
  readonly options?: object;
  readonly warnings?: string[];
}

async function start(observer: Observer, { folder, firstSequence = 0, options = {}, warnings = [] }: Setting) {
  const context = { folder, firstSequence, interactive: false, warn: (message: string) => warnings.push(message) };
  return observer.start(context, observer.options.parse(options));
}

async function tell(session: ObserverSession, events: readonly NumberedEvent[]): Promise<void> {
  for (const event of events) await session.next(event);
  await session.complete();
}

const events = numbered([started, step(1), step(2), warning, step(3), epochEnded, evaluation]);
const lines = (folder: string, file: string): string[] => readFileSync(join(folder, file), 'utf8').split('\n');

test('jsonl writes every event at once', async (t) => {
  const folder = temporaryFolder(t);
  const session = await start(jsonl, { folder });
  for (const [index, event] of events.entries()) {
    session.next(event);
    t.deepEqual(JSON.parse(lines(folder, 'events.jsonl')[index] ?? ''), event);
  }
  session.complete();
  t.is(lines(folder, 'events.jsonl').length, events.length + 1);
});

test('a resumed jsonl is cut to the checkpoint and goes on without gap or double', async (t) => {
  const folder = temporaryFolder(t);
  const warnings: string[] = [];
  await tell(await start(jsonl, { folder }), events);
  const whole = readFileSync(join(folder, 'events.jsonl'), 'utf8');
  appendFileSync(join(folder, 'events.jsonl'), '{"sequence": 7, "type": "st');
  await tell(await start(jsonl, { folder, firstSequence: 3, warnings }), events.slice(3));
  t.is(readFileSync(join(folder, 'events.jsonl'), 'utf8'), whole);
  t.deepEqual(warnings, []);
});

test('a run that starts anew starts its files anew', async (t) => {
  const folder = temporaryFolder(t);
  await tell(await start(jsonl, { folder }), events);
  await tell(await start(jsonl, { folder }), events.slice(0, 2));
  t.is(lines(folder, 'events.jsonl').length, 3);
});

test('events lost in a crash are named', async (t) => {
  const folder = temporaryFolder(t);
  const warnings: string[] = [];
  await tell(await start(jsonl, { folder, firstSequence: 2, warnings }), events.slice(2, 4));
  t.regex(warnings[0] ?? '', /events\.jsonl: events 0 to 1 are lost/);
  const path = join(folder, 'events.jsonl');
  await tell(await start(jsonl, { folder }), events);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"sequence":3', '"sequencf":3'));
  await tell(await start(jsonl, { folder, firstSequence: 5, warnings }), events.slice(5));
  t.regex(warnings[1] ?? '', /events 3 to 4 are lost/);
  t.deepEqual(
    lines(folder, 'events.jsonl').flatMap((line) => (line ? [JSON.parse(line).sequence] : [])),
    [0, 1, 2, 5, 6],
  );
});

test('an event longer than a read is kept', async (t) => {
  const folder = temporaryFolder(t);
  const long = numbered([{ type: 'warning', message: 'é'.repeat(400_000) }, warning]);
  await tell(await start(jsonl, { folder }), long);
  await tell(await start(jsonl, { folder, firstSequence: 1 }), long.slice(1));
  t.deepEqual(
    lines(folder, 'events.jsonl')
      .slice(0, 2)
      .map((line) => JSON.parse(line)),
    long,
  );
});

test('files are not written through links', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'precious'), 'x');
  for (const [observer, file] of [
    [jsonl, 'events.jsonl'],
    [csv, 'metrics.csv'],
  ] as const) {
    symlinkSync(join(folder, 'precious'), join(folder, file));
    await t.throwsAsync(start(observer, { folder }), { message: /symbolic link/ });
  }
  t.is(readFileSync(join(folder, 'precious'), 'utf8'), 'x');
});

test('csv has a row for every epoch and evaluation', async (t) => {
  const folder = temporaryFolder(t);
  await tell(await start(csv, { folder }), events);
  t.deepEqual(lines(folder, 'metrics.csv'), [
    'sequence,event,phase,epoch,step,loss,accuracy,learning_rate,images,active',
    '5,train,search,0,10,0.5,0.25,,,',
    '6,test (multi-branch),,0,10,1.5,0.5,,1000,',
    '',
  ]);
});

test('csv has a row for every step where asked, and is cut on resume', async (t) => {
  const folder = temporaryFolder(t);
  const options = { rows: 'step' };
  await tell(await start(csv, { folder, options }), events);
  const whole = readFileSync(join(folder, 'metrics.csv'), 'utf8');
  t.is(lines(folder, 'metrics.csv')[1], '1,step,search,0,1,2,,0.1,32,7');
  await tell(await start(csv, { folder, options, firstSequence: 4 }), events.slice(4));
  t.is(readFileSync(join(folder, 'metrics.csv'), 'utf8'), whole);
});

test('csv quotes what would break a row', async (t) => {
  const folder = temporaryFolder(t);
  await tell(await start(csv, { folder }), numbered([{ ...epochEnded, phase: 'a,"b"' } as typeof epochEnded]));
  t.is(lines(folder, 'metrics.csv')[1], '0,train,"a,""b""",0,10,0.5,0.25,,,');
});

test('a foreign csv is replaced, not mixed with ours', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'metrics.csv'), 'a,b\n1,2\n');
  await tell(await start(csv, { folder, firstSequence: 5 }), events.slice(5));
  t.is(lines(folder, 'metrics.csv').length, 4);
});
