import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { loadLibrary } from '../../../../plugins/engines/onednn/ffi/library.js';
import {
  allowedCores,
  busySeconds,
  delaySeconds,
  loadBetween,
  shouldYield,
} from '../../../../plugins/engines/onednn/waiting/foreign-load.js';
import { watchLoad } from '../../../../plugins/engines/onednn/waiting/waiting.js';
import { here } from './here.js';

const STAT = `cpu  900 0 900 9000 0 0 0 0 0 0
cpu0 100 20 30 4000 50 1 2 7 99 0
cpu1 200 0 0 5000 0 0 0 0 0 0
cpu10 400 0 0 5000 0 0 0 0 0 0
intr 12
`;

test('busy time is that of the cores that count, without idling and waiting for disks', (t) => {
  t.is(busySeconds(STAT, new Set([0])), 1.6);
  t.is(busySeconds(STAT, new Set([1, 10])), 6);
});

test('the cores that a process may use are read one by one and in ranges', (t) => {
  t.deepEqual([...allowedCores('Name:\tnode\nCpus_allowed_list:\t0,2-4,7\nX:\t1\n')], [0, 2, 3, 4, 7]);
});

test('others use what this process did not', (t) => {
  t.is(delaySeconds('5 2500000000 9\n'), 2.5);
  const load = loadBetween({ all: 10, own: 4, delayed: 1, time: 100 }, { all: 14, own: 5, delayed: 2, time: 102 });
  t.deepEqual(load, { foreign: 1.5, lacking: 0.5 });
});

test('threads yield where others keep them from a core, and until others are gone', (t) => {
  const heavy = { foreign: 1, lacking: 0.9 };
  t.true(shouldYield(heavy, 2, 2, false));
  t.false(shouldYield(heavy, 2, 4, false), 'cores left over');
  t.false(shouldYield({ foreign: 1, lacking: 0.05 }, 2, 2, false), 'others of a low priority');
  t.false(shouldYield({ foreign: 0.05, lacking: 1 }, 2, 2, false), 'threads of our own');
  t.true(shouldYield({ foreign: 0.5, lacking: 0.05 }, 2, 2, true), 'still there');
  t.false(shouldYield({ foreign: 0.05, lacking: 0.05 }, 2, 2, true), 'gone');
});

here('one thread, and a setting of the user, are left as they are', (t) => {
  t.is(watchLoad({ library: 'libdnnl.so', threads: 1 }), undefined);
  process.env['OMP_WAIT_POLICY'] = 'active';
  t.teardown(() => delete process.env['OMP_WAIT_POLICY']);
  t.is(watchLoad({ library: 'libdnnl.so', threads: 2 }), undefined);
});

here('beside processes that keep the cores busy threads come to yield', async (t) => {
  const { place } = await loadLibrary();
  const cores = availableParallelism();
  const loops = Array.from({ length: 2 * cores }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  const waiting = watchLoad({ library: place, threads: cores + 1 });
  t.teardown(async () => {
    for (const loop of loops) loop.kill('SIGKILL');
    await waiting?.stop();
  });
  // A thread of ours that wants a core all the time.
  const end = performance.now() + 60_000;
  while (!waiting?.yielding && performance.now() < end) {
    const until = performance.now() + 200;
    while (performance.now() < until);
    await sleep(1);
  }
  t.true(waiting?.yielding);
});
