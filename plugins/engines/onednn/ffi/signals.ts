import type { LibraryHandle } from 'koffi';

/** A set of signals as the system's C library lays it out, and the number that asks to put it in place. */
interface System {
  /** Faults of the thread itself (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS): held back, they would end the process. */
  readonly faults: readonly number[];
  readonly setMask: number;
  readonly bytes: number;
}

const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, System>>> = {
  // 1024 bits in glibc; the last signal of Linux is 64.
  linux: { faults: [4, 5, 6, 7, 8, 11, 31], setMask: 2, bytes: 128 },
  darwin: { faults: [4, 5, 6, 8, 10, 11, 12], setMask: 3, bytes: 4 },
};

/** Runs work during which no signal interrupts this thread, nor any thread that is made meanwhile; they come after it. */
export type Uninterrupted = <Result>(work: () => Result) => Result;

/**
 * oneDNN's products of matrices for x64 point the stack register at a buffer of the heap while they compute (`mov(rsp, ARG_WS)`
 * in jit_avx_gemm_f32.cpp and jit_avx512_common_gemm_f32.cpp of versions 2.6 to 3.11). A signal that comes then, Ctrl-C or a tick
 * of V8's profiler, has its frame written over whatever lies before that buffer. Other processors have none of that code, nor have
 * later versions.
 */
export function holdSignals(c: LibraryHandle, movesStack: boolean): Uninterrupted {
  const system = SYSTEMS[process.platform];
  if (!system || !movesStack) return (work) => work();
  const setMask = c.func('sigprocmask', 'int', ['int', 'void*', 'void*']) as (
    how: number,
    mask: Uint8Array,
    before: Uint8Array | null,
  ) => number;
  const held = heldBack(system);
  const before = new Uint8Array(system.bytes);
  let depth = 0;
  return (work) => {
    if (depth === 0) setMask(system.setMask, held, before);
    depth++;
    try {
      return work();
    } finally {
      depth--;
      if (depth === 0) setMask(system.setMask, before, null);
    }
  };
}

/** All signals but the faults: 64 of them on Linux, 32 on macOS. */
function heldBack({ faults, bytes }: System): Uint8Array {
  const set = new Uint8Array(bytes).fill(0xff, 0, Math.min(8, bytes));
  for (const signal of faults) set[(signal - 1) >> 3] = (set[(signal - 1) >> 3] as number) & ~(1 << ((signal - 1) & 7));
  return set;
}
