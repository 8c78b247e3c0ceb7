import type { Functions } from './library.js';

/** Bits of oneDNN's `dnnl_cpu_isa_t`, the widest first. */
const INSTRUCTIONS = [
  [0x27, 'AVX-512'],
  [0x7, 'AVX2'],
  [0x3, 'AVX'],
  [0x1, 'SSE4.1'],
] as const;

export type Instructions = (typeof INSTRUCTIONS)[number][1];

/** The widest instructions that the library makes use of here. */
export function instructionsOf({ cpuIsa }: Pick<Functions, 'cpuIsa'>): Instructions | undefined {
  const isa = cpuIsa();
  return INSTRUCTIONS.find(([mask]) => (isa & mask) === mask)?.[1];
}
