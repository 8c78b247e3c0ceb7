import { KERNELS, type PoolAttributes } from '../../kernels.js';
import type { ConformanceCase, Shape } from '../case.js';
import { type Values, values } from '../values.js';

const poolShapes: readonly (readonly [x: Shape, attributes: PoolAttributes])[] = [
  [[2, 4, 4, 3], { size: 2, stride: 2, padding: 0 }],
  [[1, 5, 7, 4], { size: 2, stride: 2, padding: 0 }],
  [[2, 8, 8, 16], { size: 2, stride: 2, padding: 0 }],
  [[2, 6, 6, 5], { size: 3, stride: 2, padding: 1 }],
  [[2, 7, 5, 8], { size: 3, stride: 2, padding: 1 }],
  [[2, 5, 5, 9], { size: 3, stride: 1, padding: 1 }],
  [[1, 7, 6, 2], { size: 3, stride: 3, padding: 0 }],
  [[1, 6, 6, 20], { size: 5, stride: 1, padding: 2 }],
  [[1, 9, 8, 4], { size: 1, stride: 2, padding: 0 }],
  [[3, 1, 1, 4], { size: 3, stride: 1, padding: 1 }],
  [[1, 6, 6, 4], { size: 3, stride: 1, padding: 0 }],
  [[2, 2, 3, 5], { size: 7, stride: 1, padding: 3 }],
  [[1, 3, 1, 2], { size: 9, stride: 2, padding: 5 }],
];

export const pools = (): ConformanceCase[] =>
  poolShapes.flatMap(([inputShape, attributes], index): ConformanceCase[] => {
    const { size, stride, padding } = attributes;
    const title = `images ${inputShape.join('x')}, size ${size}, stride ${stride}, padding ${padding}`;
    const gradientOf = (y: Values | undefined) => values(index + 3000, (y as Values).shape, { high: 1.5 });
    const average: ConformanceCase = {
      title,
      call: { kernel: KERNELS.averagePool, inputs: { x: values(index + 2000, inputShape) }, attributes },
      gradients: ([y]) => [
        {
          kernel: KERNELS.averagePoolGradient,
          inputs: { dy: gradientOf(y) },
          attributes: { ...attributes, inputShape },
        },
      ],
    };
    const inputs = [
      { kind: 'any values', x: values(index + 2000, inputShape) },
      { kind: 'equal values', x: values(index + 2000, inputShape, { step: 0.5 }) },
      { kind: 'negative values', x: values(index + 2000, inputShape, { low: -9, high: -8 }) },
    ];
    const maxima = inputs.map(
      ({ kind, x }): ConformanceCase => ({
        title: `${title}, ${kind}`,
        call: { kernel: KERNELS.maxPool, inputs: { x }, attributes },
        gradients: ([y]) => [
          { kernel: KERNELS.maxPoolGradient, inputs: { x, y: y as Values, dy: gradientOf(y) }, attributes },
        ],
      }),
    );
    return [average, ...maxima];
  });
