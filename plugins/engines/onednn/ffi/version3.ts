import type { LibraryHandle } from 'koffi';
import { ALGORITHM, ARGUMENT, FLOAT32, FORMAT_ANY, MAX_DIMENSIONS, PROPAGATION } from './constants.js';
import { binder, bindFunctions, repeat, TYPE } from './functions.js';
import type { Bytes, Description, Handle, Interface, Making, Status } from './interface.js';
import { created, succeed } from './status.js';

/**
 * oneDNN 3.x: descriptions of tensors are handles, made and destroyed by functions, and each kind of operation has a function
 * of its own that makes its descriptor. Its numbers and signatures have not changed between 3.0 and 3.13.
 */

const NORMALIZATION = { scale: 2, shift: 4, relu: 8 } as const;
const SCALE_SHIFT = { forward: [51, 52], backward: [51], gradients: [255, 256], together: false } as const;
const POST_OPERATION = 0x8000;
/** The type of what a sum reads. */
const AS_DESTINATION = 0;
/** No pixels between the taps of a window. */
const DENSE = new BigInt64Array(MAX_DIMENSIONS);

type Given = Description | Bytes | Handle | null;

/** The functions that only this version has, or has otherwise. Every `...rest` ends in hint, where there is one, and attributes. */
interface Own {
  describeByTag(out: Bytes, rank: number, sizes: Bytes, type: number, tag: number): Status;
  describeByStrides(out: Bytes, rank: number, sizes: Bytes, type: number, strides: Bytes): Status;
  describePart(out: Bytes, whole: Description, sizes: Bytes, begin: Bytes): Status;
  clone(out: Bytes, description: Handle): Status;
  forget(description: Description): Status;
  convolution(out: Bytes, engine: Handle, propagation: number, algorithm: number, ...rest: Given[]): Status;
  convolutionInput(out: Bytes, engine: Handle, algorithm: number, ...rest: Given[]): Status;
  convolutionKernel(out: Bytes, engine: Handle, algorithm: number, ...rest: Given[]): Status;
  normalization(out: Bytes, engine: Handle, propagation: number, ...rest: Given[]): Status;
  normalizationGradient(out: Bytes, engine: Handle, propagation: number, ...rest: Given[]): Status;
  pooling(out: Bytes, engine: Handle, propagation: number, algorithm: number, ...rest: Given[]): Status;
  poolingGradient(out: Bytes, engine: Handle, algorithm: number, ...rest: Given[]): Status;
  eltwise(out: Bytes, engine: Handle, propagation: number, algorithm: number, ...rest: Given[]): Status;
  eltwiseGradient(out: Bytes, engine: Handle, algorithm: number, ...rest: Given[]): Status;
  binary(out: Bytes, engine: Handle, algorithm: number, ...rest: Given[]): Status;
  softmax(out: Bytes, engine: Handle, propagation: number, algorithm: number, ...rest: Given[]): Status;
  product(out: Bytes, engine: Handle, ...rest: Given[]): Status;
  descriptorQuery(descriptor: Handle, what: number, index: number): Handle;
  appendEltwise(operations: Handle, algorithm: number, alpha: number, beta: number): Status;
  appendSum(operations: Handle, scale: number, zero: number, type: number): Status;
  appendBinary(operations: Handle, algorithm: number, description: Description): Status;
}

function bindOwn(dnnl: LibraryHandle): Own {
  const { status, returns } = binder(dnnl);
  const { pointer: P, handle: H, int: I, float: F, unsigned: U } = TYPE;
  const operation = <T>(name: string, ...types: string[]): T => status(`${name}_primitive_desc_create`, P, H, ...types);
  return {
    describeByTag: status('memory_desc_create_with_tag', P, I, P, I, I),
    describeByStrides: status('memory_desc_create_with_strides', P, I, P, I, P),
    describePart: status('memory_desc_create_submemory', P, P, P, P),
    clone: status('memory_desc_clone', P, H),
    forget: status('memory_desc_destroy', P),
    convolution: operation('convolution_forward', I, I, ...repeat(P, 8), H),
    convolutionInput: operation('convolution_backward_data', I, ...repeat(P, 7), H, H),
    convolutionKernel: operation('convolution_backward_weights', I, ...repeat(P, 8), H, H),
    normalization: operation('batch_normalization_forward', I, P, P, F, U, H),
    normalizationGradient: operation('batch_normalization_backward', I, P, P, P, F, U, H, H),
    pooling: operation('pooling_forward', I, I, ...repeat(P, 7), H),
    poolingGradient: operation('pooling_backward', I, ...repeat(P, 7), H, H),
    eltwise: operation('eltwise_forward', I, I, P, P, F, F, H),
    eltwiseGradient: operation('eltwise_backward', I, P, P, P, F, F, H, H),
    binary: operation('binary', I, P, P, P, H),
    softmax: operation('softmax_forward', I, I, P, P, I, H),
    product: operation('matmul', P, P, P, P, H),
    descriptorQuery: returns('primitive_desc_query_md', H, H, I, I),
    appendEltwise: status('post_ops_append_eltwise', H, I, F, F),
    appendSum: status('post_ops_append_sum', H, F, 'int32', I),
    appendBinary: status('post_ops_append_binary', H, I, P),
  };
}

/** The description that a call makes. */
const described = (name: string, call: (out: Bytes) => Status): Description =>
  created(name, call) as unknown as Description;

export function bindVersion3(dnnl: LibraryHandle, koffi: typeof import('koffi')): Interface {
  const own = bindOwn(dnnl);
  const make = ({ name }: Making, call: (out: Bytes) => Status): Handle => created(name, call);
  return {
    ...bindFunctions(dnnl, koffi),
    describe: (name, rank, sizes, strides) =>
      described(name, (out) => own.describeByStrides(out, rank, sizes, FLOAT32, strides)),
    describeFree: (name, rank, sizes) =>
      described(name, (out) => own.describeByTag(out, rank, sizes, FLOAT32, FORMAT_ANY)),
    describePart: (name, whole, sizes, begin) => described(name, (out) => own.describePart(out, whole, sizes, begin)),
    describeChosen: (descriptor, what) => {
      // It belongs to the descriptor, which may go first.
      const found = own.descriptorQuery(descriptor, what, 0);
      return found ? described('the layout that an operation chose', (out) => own.clone(out, found)) : undefined;
    },
    forget: (description) => succeed('a description', own.forget(description)),
    convolution: (making, pass, algorithm, { x, kernel, bias, y }, { stride, dilation, before, after }) => {
      const { engine, attributes, hint } = making;
      const window = [stride, dilation, before, after] as const;
      return make(making, (out) => {
        if (pass === 'input')
          return own.convolutionInput(out, engine, algorithm, x, kernel, y, ...window, hint, attributes);
        const all = [x, kernel, bias ?? null, y, ...window] as const;
        return pass === 'kernel'
          ? own.convolutionKernel(out, engine, algorithm, ...all, hint, attributes)
          : own.convolution(out, engine, PROPAGATION.training, algorithm, ...all, attributes);
      });
    },
    normalization: (making, direction, x, epsilon, relu) => {
      const { engine, attributes, hint } = making;
      const flags = NORMALIZATION.scale | NORMALIZATION.shift | (relu ? NORMALIZATION.relu : 0);
      const { training, backward } = PROPAGATION;
      return make(making, (out) =>
        direction === 'forward'
          ? own.normalization(out, engine, training, x, x, epsilon, flags, attributes)
          : own.normalizationGradient(out, engine, backward, x, x, x, epsilon, flags, hint, attributes),
      );
    },
    scaleShift: SCALE_SHIFT,
    pooling: (making, direction, algorithm, x, y, { stride, size, before, after }) => {
      const { engine, attributes, hint } = making;
      const all = [x, y, stride, size, DENSE, before, after] as const;
      return make(making, (out) =>
        direction === 'forward'
          ? own.pooling(out, engine, PROPAGATION.training, algorithm, ...all, attributes)
          : own.poolingGradient(out, engine, algorithm, ...all, hint, attributes),
      );
    },
    elementwise: (making, direction, algorithm, x, alpha, beta) => {
      const { engine, attributes, hint } = making;
      return make(making, (out) =>
        direction === 'forward'
          ? own.eltwise(out, engine, PROPAGATION.training, algorithm, x, x, alpha, beta, attributes)
          : own.eltwiseGradient(out, engine, algorithm, x, x, x, alpha, beta, hint, attributes),
      );
    },
    binary: (making, algorithm, a, b) =>
      make(making, (out) => own.binary(out, making.engine, algorithm, a, b, a, making.attributes)),
    softmax: (making, x, axis) =>
      make(making, (out) =>
        own.softmax(out, making.engine, PROPAGATION.inference, ALGORITHM.softmax, x, x, axis, making.attributes),
      ),
    product: (making, a, b, c) =>
      make(making, (out) => own.product(out, making.engine, a, b, null, c, making.attributes)),
    appendElementwise: own.appendEltwise,
    appendSum: (operations) => own.appendSum(operations, 1, 0, AS_DESTINATION),
    appendBinary: own.appendBinary,
    operandOf: (index) => POST_OPERATION * (index + 1) + ARGUMENT.secondSource,
  };
}
