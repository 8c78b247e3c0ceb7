import { readdirSync, readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import koffi from 'koffi';
import { allowedCores, busySeconds, delaySeconds, loadBetween, type Reading, shouldYield } from './foreign-load.js';
import type { WaitingOrder } from './waiting.js';

/**
 * A thread that looks at the load now and then and sets how OpenMP's threads wait. GNU's OpenMP spins for milliseconds at each
 * barrier, unless the process holds more of its threads than there are cores: then for a microsecond. Its own setting is
 * read once when it is loaded, but the number of threads can be changed at any time, by a team that does nothing here.
 */

/** Milliseconds between two looks, the first of which comes soon. */
const [FIRST, INTERVAL] = [100, 500];
/** For the pause of OpenMP's resources: threads go, settings stay. */
const SOFT = 1;

const { library, threads } = workerData as WaitingOrder;
const openmp = koffi.load(library);
const c = koffi.load('libc.so.6');
const find = c.func('dlsym', 'uint64', ['uint64', 'str']) as (scope: number, name: string) => number;
const parallel = openmp.func('GOMP_parallel', 'void', ['uint64', 'uint64', 'uint', 'uint']) as (
  work: number,
  data: number,
  threads: number,
  flags: number,
) => void;
const pause = openmp.func('omp_pause_resource_all', 'int', ['int']) as (kind: number) => number;
/** Something to call that has no effect. */
const nothing = find(0, 'getpid');

const cores = allowedCores(readFileSync('/proc/self/status', 'utf8'));
let before = read();
let yielding = false;

function read(): Reading {
  const { user, system } = process.cpuUsage();
  return {
    all: busySeconds(readFileSync('/proc/stat', 'utf8'), cores),
    own: (user + system) / 1e6,
    delayed: delayed(),
    time: performance.now() / 1000,
  };
}

/** Of all threads of the process. One that ends meanwhile counts no more. */
function delayed(): number {
  let seconds = 0;
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      seconds += delaySeconds(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8'));
    } catch {}
  }
  return seconds;
}

function look(): void {
  const now = read();
  const next = shouldYield(loadBetween(before, now), threads, cores.size, yielding);
  before = now;
  if (next !== yielding) {
    yielding = next;
    // The team stays until it is paused: enough threads that there are more than cores.
    if (yielding) parallel(nothing, 0, cores.size + 2 - threads, 0);
    else pause(SOFT);
    parentPort?.postMessage(yielding);
  }
  setTimeout(look, INTERVAL);
}

setTimeout(look, FIRST);
