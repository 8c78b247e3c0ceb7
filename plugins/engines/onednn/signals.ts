import type { LibraryHandle } from 'koffi';

const SET_MASK = 2;
/** Faults of the thread itself (SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS): held back, they would end the process. */
const FAULTS = [4, 5, 6, 7, 8, 11, 31];
/** glibc's set of signals, 1024 bits; the last of Linux' is 64. */
const HELD = new BigUint64Array(16).fill(0n);
HELD[0] = FAULTS.reduce((mask, signal) => mask & ~(1n << BigInt(signal - 1)), 2n ** 64n - 1n);

/** Runs work during which no signal interrupts this thread, nor any thread that is made meanwhile; they come after it. */
export type Uninterrupted = <Result>(work: () => Result) => Result;

/**
 * oneDNN's products of matrices point the stack register at a buffer of the heap while they compute (`mov(rsp, ARG_WS)` in
 * jit_avx_gemm_f32.cpp and jit_avx512_common_gemm_f32.cpp of versions 2.6 to 3.7). A signal that comes then, Ctrl-C or a tick of
 * V8's profiler, has its frame written over whatever lies before that buffer.
 */
export function holdSignals(c: LibraryHandle): Uninterrupted {
  const setMask = c.func('sigprocmask', 'int', ['int', 'void*', 'void*']) as (
    how: number,
    mask: BigUint64Array,
    before: BigUint64Array | null,
  ) => number;
  const before = new BigUint64Array(HELD.length);
  let depth = 0;
  return (work) => {
    if (depth === 0) setMask(SET_MASK, HELD, before);
    depth++;
    try {
      return work();
    } finally {
      depth--;
      if (depth === 0) setMask(SET_MASK, before, null);
    }
  };
}
