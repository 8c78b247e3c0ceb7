import type { LibraryHandle } from 'koffi';
import { ABI } from './abi.js';
import { holdSignals, type Uninterrupted } from './signals.js';

/** What an address or an opaque handle of the library is to us. User space ends far below 2⁵³. */
export type Handle = number;
type Bytes = Uint8Array | Float32Array | BigInt64Array | BigUint64Array;
type Status = number;

/** The functions of oneDNN that the engine calls, typed. Every `out` receives one handle. */
export interface Functions {
  engineCreate(out: Bytes, kind: number, index: number): Status;
  engineDestroy(engine: Handle): Status;
  streamCreate(out: Bytes, engine: Handle, flags: number): Status;
  streamDestroy(stream: Handle): Status;
  describeByTag(out: Bytes, rank: number, dims: Bytes, type: number, tag: number): Status;
  describeByStrides(out: Bytes, rank: number, dims: Bytes, type: number, strides: Bytes): Status;
  /** A part of a tensor where it lies: lengths and first places along each dimension. */
  describePart(out: Bytes, whole: Bytes, dims: Bytes, begin: Bytes): Status;
  descriptionsEqual(a: Bytes, b: Bytes): number;
  descriptionSize(description: Bytes): number;
  convolution(out: Bytes, propagation: number, algorithm: number, ...rest: (Bytes | null)[]): Status;
  convolutionInput(out: Bytes, algorithm: number, ...rest: (Bytes | null)[]): Status;
  convolutionKernel(out: Bytes, algorithm: number, ...rest: (Bytes | null)[]): Status;
  batchNormalization(out: Bytes, propagation: number, x: Bytes, epsilon: number, flags: number): Status;
  batchNormalizationGradient(
    out: Bytes,
    propagation: number,
    dx: Bytes,
    x: Bytes,
    epsilon: number,
    flags: number,
  ): Status;
  pooling(out: Bytes, propagation: number, algorithm: number, ...rest: Bytes[]): Status;
  poolingGradient(out: Bytes, algorithm: number, ...rest: Bytes[]): Status;
  eltwise(out: Bytes, propagation: number, algorithm: number, x: Bytes, alpha: number, beta: number): Status;
  eltwiseGradient(out: Bytes, algorithm: number, dx: Bytes, x: Bytes, alpha: number, beta: number): Status;
  binary(out: Bytes, algorithm: number, a: Bytes, b: Bytes, y: Bytes): Status;
  softmax(out: Bytes, propagation: number, x: Bytes, axis: number): Status;
  product(out: Bytes, a: Bytes, b: Bytes, bias: Bytes | null, c: Bytes): Status;
  sumCreate(out: Bytes, y: Bytes, count: number, scales: Bytes, xs: Bytes, attributes: Handle, engine: Handle): Status;
  reorderCreate(out: Bytes, from: Bytes, engine: Handle, to: Bytes, sameEngine: Handle, attributes: Handle): Status;
  descriptorCreate(out: Bytes, operation: Bytes, attributes: Handle, engine: Handle, hint: Handle): Status;
  descriptorQuery(descriptor: Handle, what: number, index: number): Handle;
  descriptorQueryInto(descriptor: Handle, what: number, index: number, out: Bytes): Status;
  /** Writes the name of the code that a descriptor chose. */
  descriptorImplementation(descriptor: Handle, what: number, index: number, out: (string | null)[]): Status;
  descriptorDestroy(descriptor: Handle): Status;
  primitiveCreate(out: Bytes, descriptor: Handle): Status;
  primitiveDestroy(primitive: Handle): Status;
  primitiveExecute(primitive: Handle, stream: Handle, count: number, args: Bytes): Status;
  memoryCreate(out: Bytes, description: Bytes, engine: Handle, data: Handle): Status;
  memoryDestroy(memory: Handle): Status;
  memorySet(memory: Handle, data: Bytes): Status;
  attributesCreate(out: Bytes): Status;
  attributesDestroy(attributes: Handle): Status;
  attributesSetPostOperations(attributes: Handle, operations: Handle): Status;
  postOperationsCreate(out: Bytes): Status;
  postOperationsDestroy(operations: Handle): Status;
  appendEltwise(operations: Handle, scale: number, algorithm: number, alpha: number, beta: number): Status;
  appendSum(operations: Handle, scale: number): Status;
  appendBinary(operations: Handle, algorithm: number, description: Bytes): Status;
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
  copy(to: Bytes, from: Handle, bytes: number): Handle;
}

/** Where the memory of an array begins. */
export type AddressOf = (array: ArrayBufferView) => number;

export interface Library {
  readonly functions: Functions;
  readonly version: string;
  readonly uninterrupted: Uninterrupted;
  readonly addressOf: AddressOf;
  /** Sets how many threads the library uses from now on. */
  setThreads(count: number): void;
}

/** Why the library cannot be used here, and what to do about it. */
export class LibraryError extends Error {
  readonly install: string;

  constructor(reason: string, install: string) {
    super(reason);
    this.name = 'LibraryError';
    this.install = install;
  }
}

const INSTALL = 'Debian, Ubuntu: apt-get install libdnnl2 (2.6)';
const [RTLD_NOW, RTLD_NODELETE] = [0x2, 0x1000];

let loaded: Promise<Library> | undefined;

/**
 * Loads oneDNN, once in a process.
 * @throws LibraryError where koffi or the library is missing, or the library's version is not one whose structures we know.
 */
export function loadLibrary(): Promise<Library> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Library> {
  if (process.platform !== 'linux')
    throw new LibraryError(`oneDNN through koffi runs on Linux, this is ${process.platform}`, 'choose another engine');
  const koffi = await import('koffi').catch((error: unknown) => {
    throw new LibraryError(`koffi does not load: ${messageOf(error)}`, 'npm install koffi');
  });
  const open = (name: string): LibraryHandle => {
    try {
      return koffi.load(name);
    } catch (error) {
      throw new LibraryError(`${name} does not load: ${messageOf(error)}`, INSTALL);
    }
  };
  const c = open('libc.so.6');
  // koffi closes libraries when the process ends. OpenMP's threads may still spin in theirs then: pin both.
  const pin = c.func('dlopen', 'void*', ['str', 'int']) as (name: string, flags: number) => unknown;
  const dnnl = open('libdnnl.so.2');
  const version = readVersion(dnnl, koffi);
  for (const name of ['libgomp.so.1', 'libdnnl.so.2']) {
    if (!pin(name, RTLD_NOW | RTLD_NODELETE)) throw new LibraryError(`${name} does not load`, INSTALL);
  }
  const setThreads = open('libgomp.so.1').func('omp_set_num_threads', 'void', ['int']) as (count: number) => void;
  const addressOf = (array: ArrayBufferView): number => Number(koffi.address(array));
  return { functions: bind(dnnl, c, koffi), version, uninterrupted: holdSignals(c), addressOf, setThreads };
}

function readVersion(dnnl: LibraryHandle, koffi: typeof import('koffi')): string {
  const pointer = versionOf(dnnl);
  const [major, minor, patch] = koffi.decode(pointer, 'int', 3) as [number, number, number];
  const version = `${major}.${minor}.${patch}`;
  if (major !== ABI.major || minor !== ABI.minor)
    throw new LibraryError(
      `found oneDNN ${version}; its interface differs from that of ${ABI.major}.${ABI.minor}, the one supported`,
      INSTALL,
    );
  return version;
}

function versionOf(dnnl: LibraryHandle): unknown {
  try {
    return dnnl.func('dnnl_version', 'void*', [])() as unknown;
  } catch (error) {
    throw new LibraryError(`libdnnl.so.2 is not oneDNN: ${messageOf(error)}`, INSTALL);
  }
}

function bind(dnnl: LibraryHandle, c: LibraryHandle, koffi: typeof import('koffi')): Functions {
  const [P, H, I, F] = ['void*', 'uint64', 'int', 'float'];
  const repeat = (type: string, count: number): string[] => new Array<string>(count).fill(type);
  const status = <T>(name: string, ...types: string[]): T => dnnl.func(`dnnl_${name}`, I, types) as T;
  const returns = <T>(name: string, result: string, ...types: string[]): T =>
    dnnl.func(`dnnl_${name}`, result, types) as T;
  return {
    engineCreate: status('engine_create', P, I, 'size_t'),
    engineDestroy: status('engine_destroy', H),
    streamCreate: status('stream_create', P, H, 'uint'),
    streamDestroy: status('stream_destroy', H),
    describeByTag: status('memory_desc_init_by_tag', P, I, P, I, I),
    describeByStrides: status('memory_desc_init_by_strides', P, I, P, I, P),
    describePart: status('memory_desc_init_submemory', P, P, P, P),
    descriptionsEqual: status('memory_desc_equal', P, P),
    descriptionSize: returns('memory_desc_get_size', 'size_t', P),
    convolution: status('dilated_convolution_forward_desc_init', P, I, I, ...repeat(P, 8)),
    convolutionInput: status('dilated_convolution_backward_data_desc_init', P, I, ...repeat(P, 7)),
    convolutionKernel: status('dilated_convolution_backward_weights_desc_init', P, I, ...repeat(P, 8)),
    batchNormalization: status('batch_normalization_forward_desc_init', P, I, P, F, 'uint'),
    batchNormalizationGradient: status('batch_normalization_backward_desc_init', P, I, P, P, F, 'uint'),
    pooling: status('pooling_forward_desc_init', P, I, I, ...repeat(P, 6)),
    poolingGradient: status('pooling_backward_desc_init', P, I, ...repeat(P, 6)),
    eltwise: status('eltwise_forward_desc_init', P, I, I, P, F, F),
    eltwiseGradient: status('eltwise_backward_desc_init', P, I, P, P, F, F),
    binary: status('binary_desc_init', P, I, P, P, P),
    softmax: status('softmax_forward_desc_init', P, I, P, I),
    product: status('matmul_desc_init', ...repeat(P, 5)),
    sumCreate: status('sum_primitive_desc_create', P, P, I, P, P, H, H),
    reorderCreate: status('reorder_primitive_desc_create', P, P, H, P, H, H),
    descriptorCreate: status('primitive_desc_create', P, P, H, H, H),
    descriptorQuery: returns('primitive_desc_query_md', H, H, I, I),
    descriptorQueryInto: status('primitive_desc_query', H, I, I, P),
    descriptorImplementation: dnnl.func('dnnl_primitive_desc_query', I, [
      H,
      I,
      I,
      koffi.out(koffi.pointer('str')),
    ]) as Functions['descriptorImplementation'],
    descriptorDestroy: status('primitive_desc_destroy', H),
    primitiveCreate: status('primitive_create', P, H),
    primitiveDestroy: status('primitive_destroy', H),
    primitiveExecute: status('primitive_execute', H, H, I, P),
    memoryCreate: status('memory_create', P, P, H, H),
    memoryDestroy: status('memory_destroy', H),
    memorySet: status('memory_set_data_handle', H, P),
    attributesCreate: status('primitive_attr_create', P),
    attributesDestroy: status('primitive_attr_destroy', H),
    attributesSetPostOperations: status('primitive_attr_set_post_ops', H, H),
    postOperationsCreate: status('post_ops_create', P),
    postOperationsDestroy: status('post_ops_destroy', H),
    appendEltwise: status('post_ops_append_eltwise', H, F, I, F, F),
    appendSum: status('post_ops_append_sum', H, F),
    appendBinary: status('post_ops_append_binary', H, I, P),
    sgemm: status('sgemm', 'char', 'char', ...repeat('int64', 3), F, P, 'int64', P, 'int64', F, P, 'int64'),
    cpuIsa: status('get_effective_cpu_isa'),
    copy: c.func('memcpy', H, [P, H, 'size_t']) as Functions['copy'],
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
