import type * as tf from '@tensorflow/tfjs-core';
import { type AveragePoolGradientAttributes, KERNELS, type PoolAttributes } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { allFinite } from '../finite.js';
import { maximaGradientInLoops, maximaInLoops } from '../max-pool-loops.js';
import { checkPooling, type Pooling, pool, pooledShape, poolGradient } from '../pooling.js';
import type { Primitive } from '../primitive.js';
import { square } from './geometry.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';
import { bytesOf, workspaceOf } from './workspace.js';

function own(
  name: string,
  kind: Pooling['kind'],
  input: readonly number[],
  { size, stride, padding }: PoolAttributes,
): Pooling {
  return { kind, input: shape4(name, 'x', input), window: square(size, stride, padding) };
}

const WORKSPACE = 2;

/** The pool itself, which also writes where each value was found. */
const maximum = (operation: Primitive, x: Float32Array, y: Float32Array, found: Float32Array): void =>
  operation.run(x, y, bytesOf(found, operation, WORKSPACE));

/** The largest value of each window; where each was found is left with y. */
export function runMaxPool(backend: OneDnnBackend, name: string, pooling: Pooling, x: tf.TensorInfo): tf.TensorInfo {
  checkPooling(name, pooling);
  expectShape(name, 'x', x.shape, pooling.input);
  const values = backend.floats(x, name, 'x');
  const y = backend.output(pooledShape(pooling));
  if (!allFinite(backend, values)) {
    maximaInLoops(pooling, values, y.values);
    return y.info;
  }
  const operation = pool(backend, pooling);
  const found = workspaceOf(backend, operation, WORKSPACE);
  maximum(operation, values, y.values, found);
  backend.attach(y.info, operation.name, found);
  return y.info;
}

export function runMaxPoolGradient(
  backend: OneDnnBackend,
  name: string,
  pooling: Pooling,
  { x, y, dy }: Readonly<Record<'x' | 'y' | 'dy', tf.TensorInfo>>,
): tf.TensorInfo {
  checkPooling(name, pooling);
  expectShape(name, 'x', x.shape, pooling.input);
  expectShape(name, 'y', y.shape, pooledShape(pooling));
  expectShape(name, 'dy', dy.shape, pooledShape(pooling));
  const gradient = backend.floats(dy, name, 'dy');
  const values = backend.floats(x, name, 'x');
  const dx = backend.output(pooling.input);
  const operation = poolGradient(backend, pooling);
  const run = (found: Float32Array): void => operation.run(gradient, dx.values, bytesOf(found, operation, WORKSPACE));
  const again = pool(backend, pooling);
  const found = backend.attached(y, again.name);
  if (found) run(found);
  else if (!allFinite(backend, values)) {
    const highest = backend.floats(y, name, 'y');
    maximaGradientInLoops(pooling, { x: values, y: highest, dy: gradient }, dx.values);
  } else {
    // A y that this kernel did not make: where its values were found has to be looked up again.
    const workspace = workspaceOf(backend, again, WORKSPACE);
    backend.scratch(gradient.length, (pooled) => maximum(again, values, pooled, workspace));
    run(workspace);
    backend.giveBack(workspace);
  }
  return dx.info;
}

export function runAveragePool(
  backend: OneDnnBackend,
  name: string,
  pooling: Pooling,
  x: tf.TensorInfo,
): tf.TensorInfo {
  checkPooling(name, pooling);
  expectShape(name, 'x', x.shape, pooling.input);
  const values = backend.floats(x, name, 'x');
  const y = backend.output(pooledShape(pooling));
  pool(backend, pooling).run(values, y.values);
  return y.info;
}

export function runAveragePoolGradient(
  backend: OneDnnBackend,
  name: string,
  pooling: Pooling,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  checkPooling(name, pooling);
  expectShape(name, 'dy', dy.shape, pooledShape(pooling));
  const gradient = backend.floats(dy, name, 'dy');
  const dx = backend.output(pooling.input);
  poolGradient(backend, pooling).run(gradient, dx.values);
  return dx.info;
}

export const pools = [
  kernel<{ x: tf.TensorInfo }, PoolAttributes>(KERNELS.maxPool, (backend, { x }, attributes) =>
    runMaxPool(backend, KERNELS.maxPool, own(KERNELS.maxPool, 'maximum', x.shape, attributes), x),
  ),
  kernel<{ x: tf.TensorInfo; y: tf.TensorInfo; dy: tf.TensorInfo }, PoolAttributes>(
    KERNELS.maxPoolGradient,
    (backend, inputs, attributes) => {
      const name = KERNELS.maxPoolGradient;
      return runMaxPoolGradient(backend, name, own(name, 'maximum', inputs.x.shape, attributes), inputs);
    },
  ),
  kernel<{ x: tf.TensorInfo }, PoolAttributes>(KERNELS.averagePool, (backend, { x }, attributes) =>
    runAveragePool(backend, KERNELS.averagePool, own(KERNELS.averagePool, 'average', x.shape, attributes), x),
  ),
  kernel<{ dy: tf.TensorInfo }, AveragePoolGradientAttributes>(
    KERNELS.averagePoolGradient,
    (backend, { dy }, attributes) => {
      const name = KERNELS.averagePoolGradient;
      return runAveragePoolGradient(backend, name, own(name, 'average', attributes.inputShape, attributes), dy);
    },
  ),
];
