import { readFileSync, readlinkSync } from 'node:fs';

/** When a process started, in clock ticks since boot; absent where there is no such process, or no /proc to ask. */
export function processStart(pid: number): string | undefined {
  const status = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second field is the command in parentheses, which may itself hold spaces and parentheses; the start is the 22nd.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ')[19];
}

/** Changes with every start of the machine; empty where the system does not say. */
export const bootId = (): string => read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '';

/** The namespace within which process ids mean something; empty where the system does not say. */
export const processNamespace = (): string => read(() => readlinkSync('/proc/self/ns/pid')) ?? '';

function read(source: () => string): string | undefined {
  try {
    return source();
  } catch {
    return undefined;
  }
}
