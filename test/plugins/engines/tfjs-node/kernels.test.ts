import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { checkConformance } from '../../../../core/engine/conformance/check.js';
import { registerComposedKernels } from '../../../../core/engine/index.js';
import { portable } from '../../../../plugins/engines/tfjs-node/kernels/index.js';
import { registerKernels } from '../../../../plugins/engines/tfjs-node/kernels/register.js';
import { provideUtilities } from '../../../../plugins/engines/tfjs-node/node-utilities.js';
import { useCpu } from '../../../core/engine/cpu.js';

test.before(useCpu);

test('convolves, and takes gradients of it and of maxima by kernels of TensorFlow.js as the composed forms do', async (t) => {
  tf.copyRegisteredKernels('cpu', 'copy');
  tf.registerBackend('copy', tf.findBackendFactory('cpu') as () => tf.KernelBackend);
  // Otherwise it greets on its first use.
  Object.assign(tf.findBackend('copy'), { firstUse: false });
  registerComposedKernels('copy');
  registerKernels(portable, 'copy');
  const results = await checkConformance('copy', { kernels: portable.map(({ name }) => name) });
  t.true(results.length > 40);
  t.deepEqual(
    results.filter(({ passed }) => !passed),
    [],
  );
  await tf.setBackend('cpu');
});

test('provides what TensorFlow.js asks of node:util in every version of Node.js, without a warning', async (t) => {
  const warnings: string[] = [];
  const listen = ({ message }: Error) => warnings.push(message);
  process.on('warning', listen);
  provideUtilities();
  const util = (await import('node:util')).default as unknown as Record<string, (value: unknown) => boolean>;
  t.true(util['isNullOrUndefined']?.(undefined));
  t.false(util['isNullOrUndefined']?.(0));
  t.true(util['isArray']?.([]));
  // Warnings are given out in the next turn.
  await new Promise(setImmediate);
  process.off('warning', listen);
  t.deepEqual(warnings, []);
});
