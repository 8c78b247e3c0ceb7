import type { LibraryHandle } from 'koffi';
import { ALGORITHM, ARGUMENT, FLOAT32, FORMAT_ANY, PROPAGATION } from './constants.js';
import { binder, bindFunctions, repeat, TYPE } from './functions.js';
import type { Bytes, Description, Handle, Interface, Making, Status } from './interface.js';
import { created, succeed } from './status.js';

/**
 * oneDNN 2.6: the caller allocates descriptions of tensors and of operations as structures, the library fills them in, and
 * one function makes a descriptor of any of them. The structures' sizes are those of 2.6.
 */

/** Bytes of the structures that callers allocate. */
const SIZE = {
  memory: 696,
  convolution: 5976,
  batchNormalization: 3496,
  pooling: 3192,
  eltwise: 1416,
  binary: 2096,
  softmax: 1408,
  product: 2800,
} as const;

/** Elementwise operations by version 3's numbers, and what they are here. */
const ELEMENTWISE = new Map<number, number>([
  [ALGORITHM.relu, 0x1f],
  [ALGORITHM.tanh, 0x2f],
  [ALGORITHM.square, 0x4f],
  [ALGORITHM.abs, 0x5f],
  [ALGORITHM.sqrt, 0x6f],
  [ALGORITHM.linear, 0x7f],
  [ALGORITHM.logistic, 0xaf],
  [ALGORITHM.exp, 0xbf],
  [ALGORITHM.reluFromOutput, ALGORITHM.reluFromOutput],
]);

const NORMALIZATION = { scaleShift: 2, relu: 4 } as const;
/** Scale and shift lie in one argument, `[2, C]`. */
const SCALE_SHIFT = {
  forward: [ARGUMENT.weights],
  backward: [ARGUMENT.weights],
  gradients: [ARGUMENT.weightsGradient],
  together: true,
} as const;
const POST_OPERATION = 0x4000;

/** The functions that only this version has, or has otherwise. A description is an array of ours, passed as a pointer. */
interface Own {
  describeByTag(out: Bytes, rank: number, sizes: Bytes, type: number, tag: number): Status;
  describeByStrides(out: Bytes, rank: number, sizes: Bytes, type: number, strides: Bytes): Status;
  describePart(out: Bytes, whole: Description, sizes: Bytes, begin: Bytes): Status;
  convolution(out: Bytes, propagation: number, algorithm: number, ...rest: (Description | Bytes | null)[]): Status;
  convolutionInput(out: Bytes, algorithm: number, ...rest: (Description | Bytes)[]): Status;
  convolutionKernel(out: Bytes, algorithm: number, ...rest: (Description | Bytes | null)[]): Status;
  normalization(out: Bytes, propagation: number, x: Description, epsilon: number, flags: number): Status;
  normalizationGradient(
    out: Bytes,
    propagation: number,
    dx: Description,
    x: Description,
    epsilon: number,
    flags: number,
  ): Status;
  pooling(out: Bytes, propagation: number, algorithm: number, ...rest: (Description | Bytes)[]): Status;
  poolingGradient(out: Bytes, algorithm: number, ...rest: (Description | Bytes)[]): Status;
  eltwise(out: Bytes, propagation: number, algorithm: number, x: Description, alpha: number, beta: number): Status;
  eltwiseGradient(out: Bytes, algorithm: number, dx: Description, x: Description, alpha: number, beta: number): Status;
  binary(out: Bytes, algorithm: number, a: Description, b: Description, y: Description): Status;
  softmax(out: Bytes, propagation: number, x: Description, axis: number): Status;
  product(out: Bytes, a: Description, b: Description, bias: null, c: Description): Status;
  descriptorCreate(out: Bytes, operation: Bytes, attributes: Handle, engine: Handle, hint: Handle): Status;
  descriptorQuery(descriptor: Handle, what: number, index: number): Handle;
  appendEltwise(operations: Handle, scale: number, algorithm: number, alpha: number, beta: number): Status;
  appendSum(operations: Handle, scale: number): Status;
  appendBinary(operations: Handle, algorithm: number, description: Description): Status;
}

function bindOwn(dnnl: LibraryHandle): Own {
  const { status, returns } = binder(dnnl);
  const { pointer: P, handle: H, int: I, float: F, unsigned: U } = TYPE;
  return {
    describeByTag: status('memory_desc_init_by_tag', P, I, P, I, I),
    describeByStrides: status('memory_desc_init_by_strides', P, I, P, I, P),
    describePart: status('memory_desc_init_submemory', P, P, P, P),
    convolution: status('dilated_convolution_forward_desc_init', P, I, I, ...repeat(P, 8)),
    convolutionInput: status('dilated_convolution_backward_data_desc_init', P, I, ...repeat(P, 7)),
    convolutionKernel: status('dilated_convolution_backward_weights_desc_init', P, I, ...repeat(P, 8)),
    normalization: status('batch_normalization_forward_desc_init', P, I, P, F, U),
    normalizationGradient: status('batch_normalization_backward_desc_init', P, I, P, P, F, U),
    pooling: status('pooling_forward_desc_init', P, I, I, ...repeat(P, 6)),
    poolingGradient: status('pooling_backward_desc_init', P, I, ...repeat(P, 6)),
    eltwise: status('eltwise_forward_desc_init', P, I, I, P, F, F),
    eltwiseGradient: status('eltwise_backward_desc_init', P, I, P, P, F, F),
    binary: status('binary_desc_init', P, I, P, P, P),
    softmax: status('softmax_forward_desc_init', P, I, P, I),
    product: status('matmul_desc_init', ...repeat(P, 5)),
    descriptorCreate: status('primitive_desc_create', P, P, H, H, H),
    descriptorQuery: returns('primitive_desc_query_md', H, H, I, I),
    appendEltwise: status('post_ops_append_eltwise', H, F, I, F, F),
    appendSum: status('post_ops_append_sum', H, F),
    appendBinary: status('post_ops_append_binary', H, I, P),
  };
}

/** An array that the library fills with a description. */
function filled(name: string, fill: (out: Uint8Array) => Status): Description {
  const description = new Uint8Array(SIZE.memory);
  succeed(name, fill(description));
  return description as unknown as Description;
}

function elementwiseOf(algorithm: number): number {
  const found = ELEMENTWISE.get(algorithm);
  if (found === undefined) throw new Error(`oneDNN 2.6: there is no elementwise operation ${algorithm}`);
  return found;
}

export function bindVersion2(dnnl: LibraryHandle, c: LibraryHandle, koffi: typeof import('koffi')): Interface {
  const own = bindOwn(dnnl);
  const copy = c.func('memcpy', TYPE.handle, [TYPE.pointer, TYPE.handle, 'size_t']) as (
    to: Bytes,
    from: Handle,
    bytes: number,
  ) => Handle;
  const make = (
    { name, engine, attributes, hint }: Making,
    size: number,
    fill: (operation: Uint8Array) => Status,
  ): Handle => {
    const operation = new Uint8Array(size);
    succeed(name, fill(operation));
    return created(name, (out) => own.descriptorCreate(out, operation, attributes, engine, hint));
  };
  return {
    ...bindFunctions(dnnl, koffi),
    describe: (name, rank, sizes, strides) =>
      filled(name, (out) => own.describeByStrides(out, rank, sizes, FLOAT32, strides)),
    describeFree: (name, rank, sizes) =>
      filled(name, (out) => own.describeByTag(out, rank, sizes, FLOAT32, FORMAT_ANY)),
    describePart: (name, whole, sizes, begin) => filled(name, (out) => own.describePart(out, whole, sizes, begin)),
    describeChosen: (descriptor, what) => {
      const address = own.descriptorQuery(descriptor, what, 0);
      if (!address) return undefined;
      const description = new Uint8Array(SIZE.memory);
      copy(description, address, SIZE.memory);
      return description as unknown as Description;
    },
    // Memory of ours, which the garbage collector takes.
    forget: () => undefined,
    convolution: (making, pass, algorithm, { x, kernel, bias, y }, { stride, dilation, before, after }) => {
      const window = [stride, dilation, before, after] as const;
      return make(making, SIZE.convolution, (operation) => {
        if (pass === 'input') return own.convolutionInput(operation, algorithm, x, kernel, y, ...window);
        if (pass === 'kernel')
          return own.convolutionKernel(operation, algorithm, x, kernel, bias ?? null, y, ...window);
        return own.convolution(operation, PROPAGATION.training, algorithm, x, kernel, bias ?? null, y, ...window);
      });
    },
    normalization: (making, direction, x, epsilon, relu) => {
      const flags = NORMALIZATION.scaleShift | (relu ? NORMALIZATION.relu : 0);
      return make(making, SIZE.batchNormalization, (operation) =>
        direction === 'forward'
          ? own.normalization(operation, PROPAGATION.training, x, epsilon, flags)
          : own.normalizationGradient(operation, PROPAGATION.backward, x, x, epsilon, flags),
      );
    },
    scaleShift: SCALE_SHIFT,
    pooling: (making, direction, algorithm, x, y, { stride, size, before, after }) =>
      make(making, SIZE.pooling, (operation) =>
        direction === 'forward'
          ? own.pooling(operation, PROPAGATION.training, algorithm, x, y, stride, size, before, after)
          : own.poolingGradient(operation, algorithm, x, y, stride, size, before, after),
      ),
    elementwise: (making, direction, algorithm, x, alpha, beta) =>
      make(making, SIZE.eltwise, (operation) =>
        direction === 'forward'
          ? own.eltwise(operation, PROPAGATION.training, elementwiseOf(algorithm), x, alpha, beta)
          : own.eltwiseGradient(operation, elementwiseOf(algorithm), x, x, alpha, beta),
      ),
    binary: (making, algorithm, a, b) =>
      make(making, SIZE.binary, (operation) => own.binary(operation, algorithm, a, b, a)),
    softmax: (making, x, axis) =>
      make(making, SIZE.softmax, (operation) => own.softmax(operation, PROPAGATION.inference, x, axis)),
    product: (making, a, b, c) => make(making, SIZE.product, (operation) => own.product(operation, a, b, null, c)),
    appendElementwise: (operations, algorithm, alpha, beta) =>
      own.appendEltwise(operations, 1, elementwiseOf(algorithm), alpha, beta),
    appendSum: (operations) => own.appendSum(operations, 1),
    appendBinary: own.appendBinary,
    operandOf: (index) => POST_OPERATION * (index + 1) + ARGUMENT.secondSource,
  };
}
