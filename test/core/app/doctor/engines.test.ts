import test from 'ava';
import { examineEngines } from '../../../../core/app/doctor/engines.js';

test('an engine is examined in a process of its own, and an unknown one is refused by name', async (t) => {
  const [report, ...others] = await examineEngines({ engines: ['cpu'] });
  t.deepEqual(others, []);
  t.like(report, { engine: 'cpu', available: true });
  t.true((report?.gflops ?? 0) > 0);
  await t.throwsAsync(examineEngines({ engines: ['cpus'] }), { message: /no engine 'cpus'; expected some of .*cpu/ });
  await t.throwsAsync(examineEngines({ signal: AbortSignal.abort() }), { any: true, name: 'AbortError' });
});
