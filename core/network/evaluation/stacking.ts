import type { TracedKernel } from './kernel-trace.js';
import { taps } from './windows.js';

// Constant matrices that spread and gather rows of stacked kernels: products with them have products for gradients.

/** Taps that a kernel holds of its own. */
export const rowsOf = ({ window }: TracedKernel): number => (window.pooled ? 1 : window.height * window.width);

/** `[Σ rows·C, B]`: column b holds ones in the rows of kernel b. */
export function repetition(counts: readonly number[], channels: number): Float32Array {
  const owners = counts.flatMap((count, index) => new Array<number>(count * channels).fill(index));
  const matrix = new Float32Array(owners.length * counts.length);
  for (const [row, owner] of owners.entries()) matrix[row * counts.length + owner] = 1;
  return matrix;
}

/** `[K², Σ rows]`: row t says which kernels' taps lie at tap t of KxK; a pooled kernel lies at all of them, divided among them. */
export function placement(kernels: readonly TracedKernel[], size: number): Float32Array {
  const columns = kernels.flatMap(({ window }) => {
    const places = taps(window, size).map(([row, column]) => row * size + column);
    return window.pooled ? [places] : places.map((place) => [place]);
  });
  const matrix = new Float32Array(size ** 2 * columns.length);
  for (const [column, places] of columns.entries()) {
    for (const place of places) matrix[place * columns.length + column] = 1 / places.length;
  }
  return matrix;
}
