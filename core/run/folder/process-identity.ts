import { readFileSync, readlinkSync } from 'node:fs';

/** Returns when a process started, in clock ticks since boot; undefined if it does not exist or /proc does not. */
export function processStart(pid: number): string | undefined {
  const status = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second field is the command in parentheses, which may itself contain spaces and parentheses; the start is
  // field 22.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ')[19];
}

/** Changes with every boot; empty if the system does not say. */
export const bootId = (): string => read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '';

/** The namespace of process ids; empty if the system does not say. */
export const processNamespace = (): string => read(() => readlinkSync('/proc/self/ns/pid')) ?? '';

function read(source: () => string): string | undefined {
  try {
    return source();
  } catch {
    return undefined;
  }
}
