import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Highest resident memory of this process, in MiB. On Linux from the process's own high-water mark: `getrusage` starts a child
 * at what its parent held when it was made (Linux, fs/exec.c).
 */
export function peakMiB(): number {
  const kib = highWaterKiB() ?? process.resourceUsage().maxRSS;
  return kib / 1024;
}

/** Makes what is resident now the highest so far, on Linux (proc(5), clear_refs); elsewhere the mark stays. */
export function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: a peak from before then counts too.
  }
}

function highWaterKiB(): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
