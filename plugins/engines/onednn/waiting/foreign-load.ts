/**
 * What other processes take of the cores that this one may run on, from two readings of Linux' counters, and whether that is
 * so much that OpenMP's threads should give their core up while they wait.
 */

/** Counters of busy time at one moment, in seconds. */
export interface Reading {
  /** Of all processes and of the hypervisor, on the cores that this process may use. */
  readonly all: number;
  /** Of this process. */
  readonly own: number;
  /** That threads of this process were ready and had no core. */
  readonly delayed: number;
  readonly time: number;
}

/** Ticks a second of /proc/stat, the same on every Linux that Node.js runs on. */
const TICKS = 100;
/** Columns of /proc/stat after the name: user, nice, system, idle, waiting for a disk, interrupts, soft interrupts, stolen. */
const BUSY = [0, 1, 2, 5, 6, 7];

/** Seconds that the cores were busy. `cores` are the numbers of those that count. */
export function busySeconds(stat: string, cores: ReadonlySet<number>): number {
  let ticks = 0;
  for (const line of stat.split('\n')) {
    const found = /^cpu(\d+) (.*)$/.exec(line);
    if (!found || !cores.has(Number(found[1]))) continue;
    const columns = (found[2] as string).split(' ').map(Number);
    for (const column of BUSY) ticks += columns[column] ?? 0;
  }
  return ticks / TICKS;
}

/** The cores that a process may use, out of its /proc status. */
export function allowedCores(status: string): Set<number> {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  const cores = new Set<number>();
  for (const range of list.split(',').filter(Boolean)) {
    const [first = 0, last = first] = range.split('-').map(Number);
    for (let core = first; core <= last; core++) cores.add(core);
  }
  return cores;
}

/** Seconds that a thread has waited for a core, out of its /proc schedstat. */
export const delaySeconds = (schedstat: string): number => Number(schedstat.split(' ')[1] ?? 0) / 1e9;

/** What happened between two readings, in cores. */
export interface Load {
  /** That others used. */
  readonly foreign: number;
  /** That threads of this process lacked. */
  readonly lacking: number;
}

export function loadBetween(before: Reading, after: Reading): Load {
  const passed = after.time - before.time;
  if (passed <= 0) return { foreign: 0, lacking: 0 };
  return {
    foreign: Math.max(0, (after.all - before.all - (after.own - before.own)) / passed),
    lacking: (after.delayed - before.delayed) / passed,
  };
}

/**
 * Cores that others must use beyond those left over, and that our threads must lack, before those yield; and up to which they
 * go on doing so, since what yields lacks less. Processes of a lower priority use cores without our lacking any: against
 * them it is faster to spin.
 */
const ENTER = { foreign: 0.3, lacking: 0.4 };
const LEAVE = 0.15;

/** Whether so many threads that compute on so many cores should yield while they wait; `yielding` is what they do now. */
export function shouldYield({ foreign, lacking }: Load, threads: number, cores: number, yielding: boolean): boolean {
  const missing = foreign + threads - cores;
  return yielding ? missing > LEAVE : missing > ENTER.foreign && lacking > ENTER.lacking;
}
