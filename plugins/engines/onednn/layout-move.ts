import type { OneDnnBackend } from './backend.js';
import { bytesOf, equal, strided } from './descriptions.js';
import type { Description } from './ffi/interface.js';
import type { Shape4 } from './kernels/geometry.js';
import type { Primitive } from './primitive.js';
import type { Destroyable } from './primitive-cache.js';
import { copy, type Layout } from './reorder.js';
import type { Runtime } from './runtime.js';

/**
 * The way of an argument of a convolution from our layout into the one that its operation chose, or back. Works around two
 * faults of oneDNN 3.7's reorders (jit:uni), seen by moving numbered values there and back: padding that they leave as it was,
 * and values that they lose where groups of one output each are padded to whole vectors.
 */
export class LayoutMove implements Destroyable {
  /** Values in the chosen layout. */
  readonly length: number;
  readonly #steps: readonly [Primitive, ...Primitive[]];
  /** Values between the steps, where there are two. */
  readonly #between: number;
  readonly #pads: boolean;

  constructor(steps: readonly [Primitive, ...Primitive[]], length: number, own: number, into: boolean) {
    this.length = length;
    this.#steps = steps;
    this.#between = own;
    this.#pads = into && length > own;
  }

  run(backend: OneDnnBackend, from: Float32Array, to: Float32Array): void {
    if (this.#pads) to.fill(0);
    const [first, second] = this.#steps;
    if (!second) first.run(from, to);
    else
      backend.scratch(this.#between, (between) => {
        first.run(from, between);
        second.run(between, to);
      });
  }

  destroy(): void {
    for (const step of this.#steps) step.destroy();
  }
}

/** Values that a group of one output, padded to whole vectors of channels on both sides, takes at the least for each tap. */
const PADDED = 64;

interface KernelShape {
  readonly shape: Shape4;
  readonly groups: number;
}

/**
 * The move between two layouts, `into` the chosen one or out of it; undefined where they are one. `kernel` says what moves, and
 * is undefined for images.
 */
export function layoutMove(
  runtime: Runtime,
  name: string,
  own: Description,
  chosen: Description,
  into: boolean,
  kernel: KernelShape | undefined,
): LayoutMove | undefined {
  if (equal(runtime, own, chosen)) return undefined;
  const lengthOf = (of: Description): number => bytesOf(runtime, of) / Float32Array.BYTES_PER_ELEMENT;
  const length = lengthOf(chosen);
  const path: Layout[] = [{ description: own }, ...restOfPath(runtime, chosen, length, kernel)];
  if (!into) path.reverse();
  const steps = path.slice(1).map((to, index) => copy(runtime, name, path[index] as Layout, to));
  return new LayoutMove(steps as [Primitive, ...Primitive[]], length, lengthOf(own), into);
}

/** The layouts on the way to the chosen one, and that one. */
function restOfPath(
  runtime: Runtime,
  chosen: Description,
  length: number,
  kernel: KernelShape | undefined,
): readonly Layout[] {
  if (!kernel) return [{ description: chosen }];
  const { shape, groups } = kernel;
  const [height, width, inputs, outputs] = shape;
  const each = length / (groups * height * width);
  if (groups === 1 || outputs !== groups || each < PADDED) return [{ description: chosen }];
  const sizes = [groups, 1, inputs, height, width];
  // One value for each tap, which comes first in its block whatever the order of the rest.
  if (inputs === 1) {
    const blocks = strided(runtime, sizes, [height * width * each, 1, 1, width * each, each]);
    return [{ description: blocks, whole: chosen }];
  }
  // Group by group, from where nothing is lost.
  const between = strided(runtime, sizes, [height * width * inputs, 1, 1, width * inputs, inputs]);
  return [{ description: between }, { description: chosen }];
}
