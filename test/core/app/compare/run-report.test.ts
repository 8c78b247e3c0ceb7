import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readReport } from '../../../../core/app/compare/report/read.js';
import { writeReport } from '../../../../core/app/compare/report/write.js';
import { createRun } from '../../../../core/run/run.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { tiny } from '../../run/tiny.js';

test('a finished run has a report: what was searched beside the baseline, of one seed', async (t) => {
  const out = temporaryFolder(t);
  const { main, folder } = await createRun({ ...tiny(out), baseline: 'plain' }, { interactive: false }).done;
  const source = await readReport(folder);
  const [repnas, plain] = source.report.entrants;
  t.deepEqual(repnas?.accuracy, { mean: main.accuracy.fused, n: 1, bySeed: { 7: main.accuracy.fused } });
  t.is(repnas?.over['plain']?.n, 1);
  t.is(repnas?.trainingSeconds, undefined, 'a run is not timed');
  t.is(plain?.fusedForm?.parameters.mean, main.cost.fused.parameters);
  const [first] = source.description.entrants;
  t.is(source.history.gates.length, 2 * (first?.gates.length ?? 0), 'an epoch of warm-up and one of search');
  t.true(source.history.gates.every(({ entrant }) => entrant === 'repnas'));

  const files = await writeReport(folder, source);
  t.deepEqual(
    files.map((file) => file.replace(`${folder}/`, '')),
    ['report.json', 'report.md', 'report.csv', 'report-gates.csv', 'report.html'],
  );
  t.regex(readFileSync(join(folder, 'report.html'), 'utf8'), /Chosen branches[\s\S]*ranks, seed 7/);
  rmSync(join(folder, 'baseline', 'result.json'));
  await t.throwsAsync(readReport(folder), { message: /baseline\/result\.json: is missing/ }, 'the baseline that ended');
  await createRun({ ...tiny(out), baseline: 'plain' }, { interactive: false, force: true }).done;
  t.throws(() => readFileSync(join(folder, 'report.html')), { code: 'ENOENT' }, 'a replaced run keeps no old report');
});

test('a run that is not finished, and a folder of something else, have none', async (t) => {
  const out = temporaryFolder(t);
  const { folder } = await createRun(tiny(out), { interactive: false }).done;
  rmSync(join(folder, 'result.json'));
  await t.throwsAsync(readReport(folder), { message: /is a run that is not finished/ });
  await t.throwsAsync(readReport(out), { message: /is neither the folder of a comparison nor that of a run/ });
});

test('figures and curves that are not as the run left them make no report', async (t) => {
  const out = temporaryFolder(t);
  const { folder } = await createRun(tiny(out), { interactive: false }).done;
  const changing = async (name: string, from: RegExp, to: string, message: RegExp) => {
    const path = join(folder, name);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace(from, to));
    await t.throwsAsync(readReport(folder), { message });
    writeFileSync(path, before);
  };
  await changing('result.json', /"fused": 0\.(\d)/, '"fused": 0.9$1', /result\.json: has \d+ bytes; \d+ were written/);
  await changing(
    'events.jsonl',
    /"trainAccuracy":0/,
    '"trainAccuracy":1',
    /events\.jsonl: was changed: .*or delete it/,
  );
  await changing('manifest.json', /"bytes": \d/, '"bytes": 9', /manifest\.json: was changed/);
  rmSync(join(folder, 'events.jsonl'));
  t.deepEqual((await readReport(folder)).history.curves, []);
});
