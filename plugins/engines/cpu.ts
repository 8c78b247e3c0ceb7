import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { defineEngine, type EngineSession } from '../../core/contracts/index.js';
import { MemoryMeter, releaseBackend, type TensorStorage } from '../../core/engine/index.js';

const DEVICE = 'CPU, 1 thread, JavaScript';

/** TensorFlow.js' plain JavaScript backend: slow, exact and everywhere; what the other engines are held to. */
export const cpu = defineEngine({
  name: 'cpu',
  summary: 'plain JavaScript on one thread, the reference for the other engines',
  options: z.strictObject({}),
  order: 40,
  probe: async () => ({ available: true, device: DEVICE }),
  start,
});

async function start(): Promise<EngineSession> {
  const [{ version_cpu }, { registerReference }] = await Promise.all([
    import('@tensorflow/tfjs-backend-cpu'),
    import('../../core/engine/reference.js'),
  ]);
  registerReference();
  await tf.setBackend('cpu');
  const backend = tf.backend() as MathBackendCPU;
  const meter = new MemoryMeter(backend.data as unknown as TensorStorage);
  return {
    backend: 'cpu',
    device: DEVICE,
    versions: { '@tensorflow/tfjs-core': tf.version_core, '@tensorflow/tfjs-backend-cpu': version_cpu },
    memory: () => meter.read(),
    resetPeak: () => meter.resetPeak(),
    stop: async () => releaseBackend('cpu'),
  };
}
