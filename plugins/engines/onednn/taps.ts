import type { OneDnnBackend } from './backend.js';
import { scaleColumns } from './columns.js';
import { multiply, plain, transposed } from './matrix.js';

/** For each tap of a branch's kernel the places of the merged kernel that it is averaged over, nearly always one. */
export type Places = readonly (readonly number[])[];

/** The place of the first tap where all of them lie in a row in the merged kernel. */
function start(places: Places): number | undefined {
  const first = places[0]?.[0] ?? 0;
  return places.every((own, tap) => own.length === 1 && own[0] === first + tap) ? first : undefined;
}

/** `[n,K²]`: the share that each tap has in each place. */
function shares(places: Places, all: number): Float32Array {
  const matrix = new Float32Array(places.length * all);
  for (const [tap, own] of places.entries()) for (const place of own) matrix[tap * all + place] = 1 / own.length;
  return matrix;
}

/** merged `[K²·C,O]` += scale[o] · kernel `[n·C,O]` at the places of its taps. */
export function placeTaps(
  backend: OneDnnBackend,
  kernel: Float32Array,
  scale: Float32Array,
  places: Places,
  merged: Float32Array,
): void {
  const [taps, area] = [places.length, kernel.length / places.length];
  const first = start(places);
  if (first !== undefined) {
    scaleColumns(backend, kernel, scale, merged.subarray(first * area, first * area + kernel.length), true);
    return;
  }
  const all = merged.length / area;
  const matrix = transposed(shares(places, all));
  backend.scratch(kernel.length, (values) => {
    scaleColumns(backend, kernel, scale, values);
    multiply(backend, [all, taps, area], matrix, plain(values), merged, true);
  });
}

/** What of the merged kernel's gradient `[K²·C,O]` lies where the taps do, `[n·C,O]`: in its place, or gathered in `to`. */
export function takenTaps(
  backend: OneDnnBackend,
  gradient: Float32Array,
  places: Places,
  to: Float32Array,
): Float32Array {
  const [taps, area] = [places.length, to.length / places.length];
  const first = start(places);
  if (first !== undefined) return gradient.subarray(first * area, first * area + to.length);
  const all = gradient.length / area;
  const matrix = plain(shares(places, all));
  multiply(backend, [taps, all, area], matrix, plain(gradient), to);
  return to;
}
