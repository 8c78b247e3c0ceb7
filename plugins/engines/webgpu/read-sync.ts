import * as tf from '@tensorflow/tfjs-core';
import type { Faults, FaultyDevice } from './faults.js';
import type { Ticks } from './ticks.js';

interface GpuBuffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

interface TensorData {
  readonly values: tf.backend_util.BackendValues | null;
  readonly dtype: tf.DataType;
  readonly resource?: GpuBuffer;
}

/** What is used of TensorFlow.js' backend, whose declarations keep it private. */
export interface WebGpuBackend {
  readonly device: FaultyDevice & {
    createBuffer(options: { size: number; usage: number }): GpuBuffer;
    destroy(): void;
  };
  readonly tensorMap: { get(dataId: object): TensorData };
  commandEncoder: {
    copyBufferToBuffer(from: GpuBuffer, at: number, to: GpuBuffer, toAt: number, size: number): void;
  } | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  read(dataId: object): Promise<tf.backend_util.BackendValues>;
  readSync(dataId: object): tf.backend_util.BackendValues;
}

const READ = 1;
const MAP_READ = 1;
const COPY_TO = 8;

/**
 * TensorFlow.js reads through a browser's canvas where it may not wait; here the device is waited for. No way of reading gives
 * values once the device has refused a call.
 */
export function readWhileWaiting(backend: WebGpuBackend, ticks: Ticks, faults: Faults): void {
  const readLater = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await readLater(dataId);
    faults.check();
    return values;
  };
  const original = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    const { values, dtype, resource } = backend.tensorMap.get(dataId);
    if (values !== null && values !== undefined) return values;
    if (!resource || dtype === 'string' || dtype === 'complex64') return original(dataId);
    const { size } = resource;
    const staging = backend.device.createBuffer({ size, usage: MAP_READ | COPY_TO });
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder?.copyBufferToBuffer(resource, 0, staging, 0, size);
    backend.submitQueue();
    const mapped = staging.mapAsync(READ);
    // Whoever waits for the answer hears of a failure here.
    mapped.catch(() => undefined);
    ticks.pump(() => staging.mapState !== 'pending');
    faults.check();
    const read = staging.getMappedRange().slice(0);
    staging.unmap();
    staging.destroy();
    return tf.util.convertBackendValuesAndArrayBuffer(read, dtype);
  };
}
