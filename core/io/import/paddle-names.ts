import type { TensorValues } from '../formats/dtype.js';
import { renamed } from './plain-names.js';
import type { TensorSource } from './tensor-source.js';

/**
 * Paddle calls the statistics of a batch-norm `_mean` and `_variance`, and keeps dense weights inputs by outputs. Its files are known by
 * these names, and read as PyTorch's.
 */
export function paddleNames(source: TensorSource): TensorSource {
  const names = [...source.shapes.keys()];
  const isPaddle =
    names.some((name) => name.endsWith('._mean')) && !names.some((name) => name.endsWith('.running_mean'));
  if (!isPaddle) return source;
  const called = renamed(source, (name) =>
    name.replace(/\._mean$/, '.running_mean').replace(/\._variance$/, '.running_var'),
  );
  const isDense = (name: string, shape: readonly number[]): boolean => name.endsWith('.weight') && shape.length === 2;
  return {
    ...called,
    shapes: new Map(
      [...called.shapes].map(([name, shape]) => [name, isDense(name, shape) ? shape.toReversed() : shape]),
    ),
    read: async (name) => {
      const values = await called.read(name);
      const shape = called.shapes.get(name) ?? [];
      return isDense(name, shape) ? transposed(values, shape) : values;
    },
  };
}

function transposed(values: TensorValues, [rows = 0, columns = 0]: readonly number[]): TensorValues {
  return Float64Array.from({ length: values.length }, (_, at) =>
    Number(values[(at % rows) * columns + Math.floor(at / rows)]),
  );
}
