import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineEngine, type EngineProbe, type EngineSession } from '../../../core/contracts/index.js';
import {
  correctKernels,
  type KernelCosts,
  MemoryMeter,
  registerComposedKernels,
  registerKernelCosts,
  type StoredTensor,
} from '../../../core/engine/index.js';
import { registerReference } from '../../../core/engine/reference.js';
import { BACKEND, type NodeBackend, nodeBackend } from './backend.js';
import { kernels } from './kernels/index.js';
import { registerKernels } from './kernels/register.js';
import { provideUtilities } from './node-utilities.js';
import { countSharedOnce } from './shared-memory.js';

/** TensorFlow's numbers of the types that its outputs have. */
const TYPES: ReadonlyMap<unknown, tf.DataType> = new Map<unknown, tf.DataType>([
  [1, 'float32'],
  [3, 'int32'],
  [7, 'string'],
  [8, 'complex64'],
  [10, 'bool'],
]);

/** The package stores numbers where TensorFlow.js has names of types. */
const typeOf = ({ dtype }: StoredTensor): tf.DataType => TYPES.get(dtype) ?? dtype;

/** On a CPU, by what fits `npm run bench:evaluation -- --engine tfjs-node --fit`: a call costs more than what it multiplies. */
const COSTS: KernelCosts = {
  forward: 0.005,
  input: 0.005,
  kernel: 0.026,
  product: 0.04,
  values: 0.14,
  calls: 108_000,
};

const meters = new WeakMap<NodeBackend, MemoryMeter>();

/** Gives the backend our kernels and the meter of its memory: once, since it stays in the process when an engine stops. */
function prepared(backend: NodeBackend): MemoryMeter {
  const known = meters.get(backend);
  if (known) return known;
  registerComposedKernels(BACKEND);
  registerKernels(kernels);
  registerReference();
  correctKernels(BACKEND, { isNative: true });
  if (!backend.isUsingGpuDevice) registerKernelCosts(BACKEND, COSTS);
  const meter = new MemoryMeter(backend.tensorMap, typeOf);
  countSharedOnce(BACKEND, meter);
  meters.set(backend, meter);
  return meter;
}

interface NodePackage {
  readonly version: Readonly<Record<string, string>>;
}

const options = z.strictObject({});

type Options = z.output<typeof options>;

interface Kind {
  readonly name: 'tfjs-node' | 'tfjs-node-gpu';
  readonly summary: string;
  readonly order: number;
  readonly gpu: boolean;
}

/** TensorFlow through its C library. What runs is asked of TensorFlow itself: a GPU that is asked for and not used is an error. */
const nodeEngine = <const Name extends Kind['name']>({ name, summary, order, gpu }: Kind & { readonly name: Name }) => {
  const packageName = `@tensorflow/${name}`;
  const install = `npm install ${packageName}@4.22.0; where its download is out of reach, a checkout of repnas builds it: npm run build:tfjs-node${gpu ? ' -- --gpu' : ''}`;
  const missing = gpu
    ? `${packageName} is there, but TensorFlow computes on the CPU: it found no GPU with a CUDA of its version`
    : '';

  async function load(): Promise<{ readonly backend: NodeBackend; readonly versions: NodePackage['version'] }> {
    provideUtilities();
    // TensorFlow tells of the processor's features on stderr, where a run's own words are; its errors stay.
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    const { version } = (await import(packageName)) as NodePackage;
    return { backend: nodeBackend(), versions: version };
  }

  const deviceOf = ({ isUsingGpuDevice }: NodeBackend): string =>
    isUsingGpuDevice ? 'GPU, TensorFlow with CUDA' : `CPU, ${availableParallelism()} threads, TensorFlow`;

  async function probe(): Promise<EngineProbe> {
    try {
      const { backend } = await load();
      if (gpu && !backend.isUsingGpuDevice)
        return { available: false, reason: missing, install: 'install the CUDA libraries, or choose tfjs-node' };
      return { available: true, device: deviceOf(backend) };
    } catch (error) {
      const absent = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
      const reason = absent
        ? `${packageName} is not installed`
        : `${packageName} does not load: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
      return { available: false, reason, install };
    }
  }

  async function start(): Promise<EngineSession> {
    const { backend, versions } = await load();
    if (gpu && !backend.isUsingGpuDevice) throw new Error(`the ${name} engine: ${missing}`);
    if (!(await tf.setBackend(BACKEND))) throw new Error(`the ${name} engine did not start; ${install}`);
    const meter = prepared(backend);
    return {
      backend: BACKEND,
      device: deviceOf(backend),
      versions: { '@tensorflow/tfjs-core': tf.version_core, [packageName]: versions['tfjs-node'] ?? tf.version_core },
      memory: () => meter.read(),
      resetPeak: () => meter.resetPeak(),
      // The package registers its backend once in a process, when it is loaded: it stays.
      stop: async () => undefined,
    };
  }

  return defineEngine<Options, Name>({ name, summary, options, order, probe, start });
};

export const tfjsNode = nodeEngine({
  name: 'tfjs-node',
  summary: "TensorFlow's C library on all cores, through the npm package of that name",
  order: 25,
  gpu: false,
});

export const tfjsNodeGpu = nodeEngine({
  name: 'tfjs-node-gpu',
  summary: "TensorFlow's C library on an NVIDIA GPU, through the npm package of that name",
  order: 10,
  gpu: true,
});
