/**
 * What the engine asks of oneDNN, whichever version answers. `Functions` are C functions with the same signature in 2.6 and
 * 3.x, bound by `functions.ts`; the rest of an `Interface` differs between the versions and lies in `version2.ts` and
 * `version3.ts`. Nothing outside this folder knows which of the two is loaded.
 */

/** An address or an opaque handle of the library. User space ends far below 2⁵³. */
export type Handle = number;
/** 0, or what went wrong. */
export type Status = number;
/** An array whose memory is passed to the library. */
export type Bytes = Uint8Array | Float32Array | BigInt64Array | BigUint64Array;

declare const opaque: unique symbol;

/**
 * oneDNN's description of a tensor: sizes and layout, never data. Version 2.6 keeps it in memory of ours, version 3 behind a
 * handle that has to be given back; see `Runtime.compile` for how long one lives.
 */
export interface Description {
  readonly [opaque]: 'description';
}

/** Sizes, strides and the like, as both versions take them. */
export type Dimensions = BigInt64Array;

/** Functions that are the same in both versions. Every `out` receives one handle. */
export interface Functions {
  engineCreate(out: Bytes, kind: number, index: number): Status;
  engineDestroy(engine: Handle): Status;
  streamCreate(out: Bytes, engine: Handle, flags: number): Status;
  streamDestroy(stream: Handle): Status;
  descriptionsEqual(a: Description, b: Description): number;
  descriptionSize(description: Description): number;
  reorderCreate(
    out: Bytes,
    from: Description,
    engine: Handle,
    to: Description,
    sameEngine: Handle,
    attributes: Handle,
  ): Status;
  descriptorQueryInto(descriptor: Handle, what: number, index: number, out: Bytes): Status;
  /** Writes the name of the code that a descriptor chose. */
  descriptorImplementation(descriptor: Handle, what: number, index: number, out: (string | null)[]): Status;
  descriptorDestroy(descriptor: Handle): Status;
  primitiveCreate(out: Bytes, descriptor: Handle): Status;
  primitiveDestroy(primitive: Handle): Status;
  primitiveExecute(primitive: Handle, stream: Handle, count: number, args: Bytes): Status;
  memoryCreate(out: Bytes, description: Description, engine: Handle, data: Handle): Status;
  memoryDestroy(memory: Handle): Status;
  memorySet(memory: Handle, data: Bytes): Status;
  attributesCreate(out: Bytes): Status;
  attributesDestroy(attributes: Handle): Status;
  attributesSetPostOperations(attributes: Handle, operations: Handle): Status;
  postOperationsCreate(out: Bytes): Status;
  postOperationsDestroy(operations: Handle): Status;
  sgemm(
    transposeA: number,
    transposeB: number,
    rows: number,
    columns: number,
    inner: number,
    alpha: number,
    a: Bytes,
    aStride: number,
    b: Bytes,
    bStride: number,
    beta: number,
    c: Bytes,
    cStride: number,
  ): Status;
  cpuIsa(): number;
}

/** What every operation is described with. */
export interface Making {
  /** What it is called in errors. */
  readonly name: string;
  readonly engine: Handle;
  /** What happens to its result; 0 for nothing. */
  readonly attributes: Handle;
  /** For a gradient, the descriptor of the forward pass that it belongs to; otherwise 0. */
  readonly hint: Handle;
}

/** Where a window lies over images. */
export interface WindowDimensions {
  readonly stride: Dimensions;
  readonly before: Dimensions;
  readonly after: Dimensions;
}

export interface ConvolutionWindow extends WindowDimensions {
  /** Pixels that are skipped between taps. */
  readonly dilation: Dimensions;
}

export interface PoolingWindow extends WindowDimensions {
  readonly size: Dimensions;
}

/** Which half of an operation is computed. */
export type Direction = 'forward' | 'gradient';

export interface ConvolutionDescriptions {
  readonly x: Description;
  readonly kernel: Description;
  readonly bias: Description | undefined;
  readonly y: Description;
}

/** Numbers of the arguments that scale and shift are: one for both in a row, or the scale's and then the shift's. */
export interface ScaleShiftArguments {
  readonly forward: readonly number[];
  /** Of those that the gradient reads. Version 3 lets it read the scale alone. */
  readonly backward: readonly number[];
  readonly gradients: readonly number[];
  readonly together: boolean;
}

/** oneDNN as the engine uses it. Every method that gives a handle or a description throws an Error naming what was refused. */
export interface Interface extends Functions {
  /** Float32 with strides in elements. */
  describe(name: string, rank: number, sizes: Dimensions, strides: Dimensions): Description;
  /** Float32 in whatever layout an operation chooses. */
  describeFree(name: string, rank: number, sizes: Dimensions): Description;
  /** A part of a tensor where it lies: lengths and first places along each dimension. */
  describePart(name: string, whole: Description, sizes: Dimensions, begin: Dimensions): Description;
  /** The layout that an operation chose for one of its arguments; undefined where it has no such argument. */
  describeChosen(descriptor: Handle, what: number): Description | undefined;
  /** Gives a description back. */
  forget(description: Description): void;

  /** Descriptors of operations, which are the caller's to destroy. */
  convolution(
    making: Making,
    pass: 'forward' | 'input' | 'kernel',
    algorithm: number,
    descriptions: ConvolutionDescriptions,
    window: ConvolutionWindow,
  ): Handle;
  /** Batch normalisation by the batch's own statistics, with scale and shift. */
  normalization(making: Making, direction: Direction, x: Description, epsilon: number, relu: boolean): Handle;
  readonly scaleShift: ScaleShiftArguments;
  pooling(
    making: Making,
    direction: Direction,
    algorithm: number,
    x: Description,
    y: Description,
    window: PoolingWindow,
  ): Handle;
  elementwise(
    making: Making,
    direction: Direction,
    algorithm: number,
    x: Description,
    alpha: number,
    beta: number,
  ): Handle;
  /** `y = a ∘ b`, y lying as a does. */
  binary(making: Making, algorithm: number, a: Description, b: Description): Handle;
  softmax(making: Making, x: Description, axis: number): Handle;
  product(making: Making, a: Description, b: Description, c: Description): Handle;

  appendElementwise(operations: Handle, algorithm: number, alpha: number, beta: number): Status;
  /** Adds what the destination held. */
  appendSum(operations: Handle): Status;
  appendBinary(operations: Handle, algorithm: number, description: Description): Status;
  /** Number of the argument that the post-operation at `index` reads. */
  operandOf(index: number): number;
}
