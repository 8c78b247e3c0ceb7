import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createDashboard } from '../../../../core/app/dashboard/app.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { description, done } from '../compare/records.js';
import { addEvents, type MadeUp, madeUpRun, STARTED, stepEvent } from './made-up.js';

const HOST = { host: 'localhost:4180' };

function dashboard(t: ExecutionContext, runs: readonly MadeUp[] = []) {
  const folder = temporaryFolder(t);
  for (const run of runs) madeUpRun(folder, run);
  const app = createDashboard({ folders: [folder] });
  const get = async (address: string, headers: Record<string, string> = HOST) => {
    const answer = await app.request(address, { headers });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const idOf = async (name: string): Promise<string> => {
    const { text } = await get('/?sort=name');
    return new RegExp(`/(?:run|comparison)/([0-9a-f]+)">${name}<`).exec(text)?.[1] ?? '';
  };
  return { folder, get, idOf };
}

function comparison(folder: string): void {
  const path = join(folder, 'study');
  mkdirSync(join(path, 'trials'), { recursive: true });
  const described = description(['plain', 'random'], [0, 1]);
  const file = { format: 'repnas-comparison', version: 1, ...described };
  writeFileSync(join(path, 'comparison.json'), JSON.stringify(file));
  const records = [done('plain', 0, 0.5), done('random', 0, 0.6), done('plain', 1, 0.52)];
  writeFileSync(join(path, 'trials.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  madeUpRun(join(path, 'trials'), { name: 'plain-0', strategy: 'plain', accuracy: 0.5 });
}

test('lists every run and comparison with state, progress and accuracy, and finds them by words and state', async (t) => {
  const { folder, get } = dashboard(t, [
    { name: 'finished', accuracy: 0.9312 },
    { name: 'group/halfway', strategy: 'repnas', events: [STARTED, stepEvent(20)] },
  ]);
  comparison(folder);
  const { status, text } = await get('/');
  t.is(status, 200);
  t.regex(text, /finished<[\s\S]*?state-done[\s\S]*?100 %[\s\S]*?93\.12/);
  t.regex(text, /group\/halfway<[\s\S]*?state-stopped[\s\S]*?50 %/);
  t.regex(text, /study<[\s\S]*?75 %[\s\S]*?60\.00/);
  t.false(text.includes('plain-0<'), 'trials stand on the page of their comparison');
  const found = (await get('/?words=repnas+wasm')).text;
  t.true(found.includes('halfway<') && !found.includes('finished<'));
  const open = (await get('/?state=stopped&sort=name')).text;
  t.true(open.includes('halfway<') && !open.includes('finished<'));
});

test('a run that goes on is shown as far as its events are, each read once', async (t) => {
  const { folder, get, idOf } = dashboard(t);
  const run = madeUpRun(folder, { name: 'live', events: [STARTED, stepEvent(1), stepEvent(2)] });
  const id = await idOf('live');
  t.regex((await get(`/run/${id}`)).text, /step 2 of 40/);
  addEvents(run, [
    stepEvent(3),
    { type: 'epoch-ended', step: 3, loss: 1.5, trainAccuracy: 0.4 },
    { type: 'evaluation', of: 'multi-branch', step: 3, accuracy: 0.4321, loss: 1 },
    { type: 'warning', message: 'mind <b>the</b> gap' },
  ]);
  const { text } = await get(`/run/${id}`, { ...HOST, 'x-part': 'main' });
  t.false(text.includes('<html'));
  t.regex(text, /step 3 of 40/);
  t.regex(text, /43\.21 %/);
  t.true(text.includes('mind &lt;b&gt;the&lt;/b&gt; gap'));
  const figure = await get(`/figure/${id}/accuracy.svg`);
  t.is(figure.headers.get('content-type'), 'image/svg+xml; charset=utf-8');
  t.regex(figure.text, /^<svg/);
  t.regex((await get(`/series/${id}.csv`)).text, /\nshrink,3,1,,test,0\.4321\n/);
});

test('two runs stand side by side with the keys in which they differ', async (t) => {
  const { get, idOf } = dashboard(t, [
    { name: 'a', events: [STARTED, stepEvent(1), stepEvent(2)] },
    { name: 'b', batchSize: 128, events: [STARTED, stepEvent(1), stepEvent(2)] },
  ]);
  const { text } = await get(`/two?a=${await idOf('a')}&b=${await idOf('b')}`);
  t.regex(text, /train\.batchSize<\/td><td class="diff">64<\/td><td class="diff">128</);
  t.regex(text, /<svg/);
});

test('a comparison has its report so far, its trials, and tables as CSV and LaTeX', async (t) => {
  const { folder, get, idOf } = dashboard(t);
  comparison(folder);
  const id = await idOf('study');
  const { text } = await get(`/comparison/${id}`);
  t.regex(text, /3 of 4 trials finished, 1 still to run/);
  t.regex(text, /plain-0<[\s\S]*?state-done/);
  t.regex((await get(`/table/${id}/0.csv`)).text, /"plain","51\.00 ± /);
  t.regex((await get(`/table/${id}/0.tex`)).text, /\\toprule\nentrant & accuracy, \\% [\s\S]*\\bottomrule/);
  t.is((await get(`/table/${id}/99.csv`)).status, 404);
});

test('names of folders are text, links are not followed, and addresses reach nothing that was not found', async (t) => {
  const { folder, get, idOf } = dashboard(t, [{ name: '"><script>alert(1)<' }]);
  const outside = temporaryFolder(t);
  madeUpRun(outside, { name: 'elsewhere' });
  symlinkSync(outside, join(folder, 'link'));
  const { text, headers } = await get('/');
  t.true(text.includes('&quot;&gt;&lt;script&gt;alert(1)&lt;'));
  t.false(text.includes('elsewhere'));
  t.regex(headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
  for (const address of ['/run/../../etc/passwd', '/run/%2e%2e%2f', '/figure/x/loss.svg', '/comparison/0', '/nothing'])
    t.is((await get(address)).status, 404, address);
  t.is(await idOf('elsewhere'), '');
});

test('a folder that vanishes is said to be gone', async (t) => {
  const { folder, get, idOf } = dashboard(t, [{ name: 'short-lived', events: [STARTED, stepEvent(1)] }]);
  const id = await idOf('short-lived');
  rmSync(join(folder, 'short-lived'), { recursive: true });
  const { status } = await get(`/run/${id}`);
  t.true(status === 200 || status === 404, 'until the folders are searched again its page has what was read');
  const again = createDashboard({ folders: [folder] });
  t.is((await again.request(`/run/${id}`, { headers: HOST })).status, 404);
});

test('only this machine is answered without a token, nothing can be changed, and a token is held to', async (t) => {
  const { folder, get } = dashboard(t);
  t.is((await get('/', { host: 'evil.example' })).status, 403);
  const app = createDashboard({ folders: [folder], token: 'secret' });
  const ask = async (address: string, init: RequestInit = {}) => app.request(address, init);
  t.is((await ask('/')).status, 401);
  t.is((await ask('/?token=wrong')).status, 401);
  const known = await ask('/?token=secret');
  t.is(known.status, 200);
  const cookie = known.headers.get('set-cookie') ?? '';
  t.regex(cookie, /HttpOnly; SameSite=Strict/);
  t.is((await ask('/', { headers: { cookie: cookie.split(';')[0] as string } })).status, 200);
  t.is((await ask('/?token=secret', { method: 'POST' })).status, 405);
});
