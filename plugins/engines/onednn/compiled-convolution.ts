import type { OneDnnBackend } from './backend.js';
import { describe, kernelDescriptions, type Pass } from './convolution-descriptor.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import { dense, freeImages, images, queried } from './descriptions.js';
import { ALGORITHM, ARGUMENT, QUERY } from './ffi/constants.js';
import type { Description, Handle } from './ffi/interface.js';
import { type LayoutMove, layoutMove } from './layout-move.js';
import { Primitive } from './primitive.js';
import type { Destroyable, Key } from './primitive-cache.js';
import { consumptionOf, type Runtime } from './runtime.js';
import { MOST_BYTES, suitsWinograd } from './winograd.js';

const nameOf = ({ input, kernel, window, groups }: Convolution): string =>
  `${input};${kernel};${window.stride};${window.dilation};${window.before};${window.after};${groups}`;

const keyOf = ({ input, kernel, window: { stride, dilation, before, after }, groups }: Convolution): Key => [
  ...input,
  ...kernel,
  ...stride,
  ...dilation,
  ...before,
  ...after,
  groups,
];

/** Places of arguments: of the kernel where it is given, and of what is written. */
const [KERNEL, RESULT] = [1, 2];

/** A convolution's operation, on images and kernels as we have them: what it wants otherwise is laid out anew. */
export class CompiledConvolution implements Destroyable {
  readonly operation: Primitive;
  /** For each argument that the operation wants in another layout. */
  readonly #moves: readonly (LayoutMove | undefined)[];
  /** The same where the kernel is laid out already. */
  readonly #others: readonly (LayoutMove | undefined)[];

  constructor(operation: Primitive, moves: readonly (LayoutMove | undefined)[]) {
    this.operation = operation;
    this.#moves = moves;
    this.#others = moves.with(KERNEL, undefined);
  }

  /** One array for each argument. With `isLaidOut` the kernel is one that `layOut` gave. */
  run(backend: OneDnnBackend, data: readonly Float32Array[], isLaidOut = false): void {
    const moves = isLaidOut ? this.#others : this.#moves;
    const inner = [...data];
    try {
      for (let index = 0; index < data.length; index++) {
        const move = moves[index];
        if (!move) continue;
        inner[index] = backend.borrow(move.length);
        if (index !== RESULT) move.run(backend, data[index] as Float32Array, inner[index] as Float32Array);
      }
      this.operation.run(...inner);
      moves[RESULT]?.run(backend, inner[RESULT] as Float32Array, data[RESULT] as Float32Array);
    } finally {
      for (let index = 0; index < data.length; index++)
        if (inner[index] !== data[index]) backend.giveBack(inner[index] as Float32Array);
    }
  }

  /** The kernel as the operation wants it, borrowed; undefined where that is as it is. */
  layOut(backend: OneDnnBackend, kernel: Float32Array): Float32Array | undefined {
    const move = this.#moves[KERNEL];
    if (!move) return undefined;
    const chosen = backend.borrow(move.length);
    move.run(backend, kernel, chosen);
    return chosen;
  }

  destroy(): void {
    this.operation.destroy();
    for (const move of this.#moves) move?.destroy();
  }
}

/** An argument of an operation: its layout as we have it, and what to ask for the one that was chosen. */
interface Argument {
  readonly argument: number;
  readonly name: string;
  readonly own: Description;
  readonly query?: number;
}

function argumentsOf(
  pass: Pass,
  { x, kernel, y, bias }: { x: Description; kernel: Description; y: Description; bias: Description | undefined },
): Argument[] {
  const source = { argument: ARGUMENT.source, name: 'x', own: x, query: QUERY.source };
  const weights = { argument: ARGUMENT.weights, name: 'kernel', own: kernel, query: QUERY.weights };
  const dy = { argument: ARGUMENT.destinationGradient, name: 'dy', own: y, query: QUERY.destinationGradient };
  switch (pass) {
    case 'input':
      return [dy, weights, { argument: ARGUMENT.sourceGradient, name: 'dx', own: x, query: QUERY.sourceGradient }];
    case 'kernel':
      return [
        source,
        dy,
        { argument: ARGUMENT.weightsGradient, name: 'dkernel', own: kernel, query: QUERY.weightsGradient },
      ];
    default:
      return [
        source,
        weights,
        { argument: ARGUMENT.destination, name: 'y', own: y, query: QUERY.destination },
        ...(bias ? [{ argument: ARGUMENT.bias, name: 'bias', own: bias }] : []),
      ];
  }
}

function compile(runtime: Runtime, convolution: Convolution, pass: Pass): CompiledConvolution {
  const name = `convolution (${pass}) ${nameOf(convolution)}`;
  const shapes = { x: convolution.input, y: outputShape(convolution) };
  const [x, y] = [images(runtime, shapes.x), images(runtime, shapes.y)];
  const [kernel, anyKernel] = kernelDescriptions(runtime, convolution);
  const bias = pass === 'biased' || pass === 'biased-relu' ? dense(runtime, [convolution.kernel[3]]) : undefined;
  const make = (algorithm: number, from: Description, to: Description): Handle =>
    describe(runtime, name, convolution, pass, algorithm, [from, anyKernel, to], bias);
  const descriptor = transformed() ?? make(ALGORITHM.convolutionDirect, x, y);
  const all = argumentsOf(pass, { x, kernel, y, bias });
  const chosen = all.map(({ own, query }) => (query && queried(runtime, descriptor, query)) || own);
  const slots = all.map(({ argument, name }, index) => ({ argument, name, description: chosen[index] as Description }));
  const operation = new Primitive(runtime, name, descriptor, slots);
  const { kernel: shape, groups } = convolution;
  const moves = all.map(({ own, name: argument }, index) =>
    layoutMove(
      runtime,
      `${name}: layout of ${argument}`,
      own,
      chosen[index] as Description,
      index !== RESULT,
      own === kernel ? { shape, groups } : undefined,
    ),
  );
  return new CompiledConvolution(operation, moves);

  /** Undefined where that is of no use or takes too much memory. */
  function transformed(): Handle | undefined {
    if (!suitsWinograd(runtime, convolution, pass)) return undefined;
    const free = [freeImages(runtime, shapes.x), freeImages(runtime, shapes.y)] as const;
    const found = make(ALGORITHM.convolutionWinograd, ...free);
    if (consumptionOf(runtime, name, found) <= MOST_BYTES) return found;
    runtime.functions.descriptorDestroy(found);
    return undefined;
  }
}

const KINDS: Readonly<Record<Pass, string>> = {
  forward: 'convolution',
  biased: 'biased convolution',
  'biased-relu': 'biased convolution, relu',
  input: 'input gradient',
  kernel: 'kernel gradient',
};

/** The operation for this convolution, compiled when first asked for. */
export const compiled = (backend: OneDnnBackend, convolution: Convolution, pass: Pass): CompiledConvolution =>
  backend.primitives.get(KINDS[pass], keyOf(convolution), () => compile(backend.runtime, convolution, pass));
