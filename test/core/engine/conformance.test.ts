import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { checkConformance } from '../../../core/engine/conformance/check.js';
import { KERNELS, registerComposedKernels } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';

test.before(useCpu);

/** A copy of the plain JavaScript backend under another name, so that one of its kernels can be another. */
function copyOfCpu(name: string): void {
  tf.copyRegisteredKernels('cpu', name);
  tf.registerBackend(name, tf.findBackendFactory('cpu') as () => tf.KernelBackend);
}

test.serial('every composed kernel conforms to itself', async (t) => {
  const results = await checkConformance('cpu');
  const held = new Set(results.map(({ kernel }) => kernel));
  t.deepEqual(
    Object.values(KERNELS).filter((kernel) => !held.has(kernel)),
    [],
  );
  t.deepEqual(
    results.filter(({ passed }) => !passed),
    [],
  );
});

test.serial('notices a kernel that is wrong, leaks, changes its input or throws', async (t) => {
  copyOfCpu('faulty');
  const right = tf.getKernel(KERNELS.averagePool, 'cpu').kernelFunc;
  const problems: string[] = [];
  const faults: tf.KernelFunc[] = [
    (call) => tf.tidy(() => tf.mul(right(call) as tf.Tensor, 1.001)),
    (call) => {
      tf.keep(tf.scalar(1));
      return right(call);
    },
    (call) => {
      (call.inputs['x'] as tf.Tensor).dataSync()[0] = 42;
      return right(call);
    },
    () => {
      throw new Error('no memory');
    },
  ];
  for (const kernelFunc of faults) {
    tf.unregisterKernel(KERNELS.averagePool, 'faulty');
    tf.registerKernel({ kernelName: KERNELS.averagePool, backendName: 'faulty', kernelFunc });
    const [first] = await checkConformance('faulty', { kernels: [KERNELS.averagePool] });
    t.false(first?.passed);
    problems.push(first?.problem ?? '');
  }
  const expected = [/differs by/, /leaves 1 tensors behind/, /changes an input/, /no memory/];
  for (const [index, pattern] of expected.entries()) t.regex(problems[index] as string, pattern);
  await tf.setBackend('cpu');
});

test.serial('keeps the kernels that an engine has of its own', (t) => {
  tf.registerBackend('own', () => new tf.KernelBackend());
  registerComposedKernels('own', [KERNELS.maxPool]);
  t.is(tf.getKernel(KERNELS.maxPool, 'own'), undefined as unknown as tf.KernelConfig);
  t.truthy(tf.getKernel(KERNELS.averagePool, 'own'));
});
