/**
 * Names of the vector instructions that the library uses, from the bits of its `dnnl_cpu_isa_t`. On ARM the library gives the
 * same bits other meanings. The widest come first.
 */
const INSTRUCTIONS: Readonly<Partial<Record<NodeJS.Architecture, readonly (readonly [bits: number, name: string])[]>>> =
  {
    x64: [
      [0x27, 'AVX-512'],
      [0x7, 'AVX2'],
      [0x3, 'AVX'],
      [0x1, 'SSE4.1'],
    ],
    arm64: [
      [0x27, 'SVE, 512 bits'],
      [0x7, 'SVE, 256 bits'],
      [0x3, 'SVE, 128 bits'],
      [0x1, 'Advanced SIMD'],
    ],
  };

/** The widest instructions that a value of the library's `get_effective_cpu_isa` stands for; undefined where it names none. */
export const instructionsOf = (isa: number, architecture: NodeJS.Architecture = process.arch): string | undefined =>
  INSTRUCTIONS[architecture]?.find(([bits]) => (isa & bits) === bits)?.[1];
