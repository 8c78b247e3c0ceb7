import { type ConvolutionAttributes, KERNELS } from '../../kernels.js';
import type { ConformanceCase, Shape } from '../case.js';
import { type Values, values } from '../values.js';

const convolutionShapes: readonly (readonly [x: Shape, kernel: Shape, attributes: ConvolutionAttributes])[] = [
  [[2, 5, 5, 3], [3, 3, 3, 4], { stride: 1, padding: [1, 1], groups: 1 }],
  [[2, 8, 8, 3], [3, 3, 3, 8], { stride: 2, padding: [1, 1], groups: 1 }],
  [[1, 7, 7, 5], [3, 3, 5, 6], { stride: 2, padding: [1, 1], groups: 1 }],
  [[2, 6, 5, 4], [3, 3, 4, 17], { stride: 1, padding: [0, 0], groups: 1 }],
  [[2, 6, 6, 4], [3, 3, 4, 4], { stride: 2, padding: [0, 0], groups: 1 }],
  [[3, 4, 4, 16], [3, 3, 16, 32], { stride: 1, padding: [1, 1], groups: 1 }],
  [[8, 8, 7, 32], [3, 3, 32, 48], { stride: 1, padding: [1, 1], groups: 1 }],
  [[33, 4, 4, 16], [3, 3, 16, 32], { stride: 1, padding: [1, 1], groups: 1 }],
  [[1, 2, 2, 20], [3, 3, 20, 68], { stride: 1, padding: [1, 1], groups: 1 }],
  [[2, 2, 2, 8], [3, 3, 8, 8], { stride: 2, padding: [1, 1], groups: 1 }],
  [[16, 2, 2, 64], [3, 1, 64, 65], { stride: 1, padding: [1, 0], groups: 1 }],
  [[17, 1, 2, 66], [3, 3, 66, 64], { stride: 1, padding: [2, 1], groups: 1 }],
  [[16, 1, 3, 64], [1, 2, 64, 64], { stride: 1, padding: [0, 1], groups: 1, dilation: [1, 2] }],
  [[5, 1, 1, 6], [3, 3, 6, 7], { stride: 1, padding: [1, 1], groups: 1 }],
  [[2, 5, 6, 7], [1, 1, 7, 9], { stride: 1, padding: [0, 0], groups: 1 }],
  [[1, 9, 8, 4], [1, 1, 4, 12], { stride: 2, padding: [0, 0], groups: 1 }],
  [[1, 4, 5, 3], [1, 1, 3, 2], { stride: 1, padding: [1, 1], groups: 1 }],
  [[4, 33, 32, 3], [1, 1, 3, 3], { stride: 2, padding: [0, 0], groups: 1 }],
  [[1, 6, 7, 3], [1, 1, 3, 5], { stride: 2, padding: [1, 1], groups: 1 }],
  [[2, 5, 7, 4], [1, 3, 4, 4], { stride: 1, padding: [0, 1], groups: 1 }],
  [[2, 6, 5, 4], [3, 1, 4, 5], { stride: 2, padding: [1, 0], groups: 1 }],
  [[1, 8, 9, 3], [5, 5, 3, 4], { stride: 2, padding: [2, 2], groups: 1 }],
  [[1, 7, 6, 2], [7, 7, 2, 3], { stride: 1, padding: [3, 3], groups: 1 }],
  [[2, 7, 7, 4], [3, 3, 2, 6], { stride: 2, padding: [1, 1], groups: 2 }],
  [[2, 6, 6, 16], [3, 3, 4, 16], { stride: 1, padding: [1, 1], groups: 4 }],
  [[1, 5, 5, 6], [1, 1, 2, 9], { stride: 1, padding: [0, 0], groups: 3 }],
  [[2, 6, 7, 8], [3, 3, 1, 8], { stride: 1, padding: [1, 1], groups: 8 }],
  [[2, 8, 8, 5], [3, 3, 1, 5], { stride: 2, padding: [1, 1], groups: 5 }],
  [[1, 5, 5, 4], [3, 3, 1, 8], { stride: 1, padding: [1, 1], groups: 4 }],
  [[1, 6, 6, 8], [5, 5, 2, 4], { stride: 2, padding: [2, 2], groups: 4 }],
  [[2, 6, 5, 4], [2, 2, 4, 6], { stride: 1, padding: [1, 1], groups: 1, dilation: [2, 2] }],
  [[1, 7, 8, 3], [1, 2, 3, 4], { stride: 2, padding: [0, 1], groups: 1, dilation: [1, 2] }],
  [[1, 9, 8, 16], [2, 1, 16, 16], { stride: 1, padding: [2, 0], groups: 1, dilation: [4, 1] }],
  [[2, 6, 6, 8], [2, 2, 1, 8], { stride: 1, padding: [1, 1], groups: 8, dilation: [2, 2] }],
  [[1, 6, 7, 8], [2, 3, 2, 4], { stride: 2, padding: [1, 1], groups: 4, dilation: [2, 1] }],
];

export const convolutions = (): ConformanceCase[] =>
  convolutionShapes.map(([inputShape, kernelShape, attributes], index) => {
    const x = values(2 * index, inputShape, { low: -0.5 });
    const kernel = values(2 * index + 1, kernelShape);
    const { stride, padding, groups, dilation = [1, 1] } = attributes;
    return {
      title: `images ${inputShape.join('x')}, kernel ${kernelShape.join('x')}, stride ${stride}, padding ${padding.join('x')}, groups ${groups}, dilation ${dilation.join('x')}`,
      call: { kernel: KERNELS.convolution, inputs: { x, kernel }, attributes },
      gradients: ([y]) => {
        const dy = values(index + 1000, (y as Values).shape, { high: 1.5 });
        return [
          {
            kernel: KERNELS.convolutionInputGradient,
            inputs: { dy, kernel },
            attributes: { ...attributes, inputShape },
          },
          { kernel: KERNELS.convolutionKernelGradient, inputs: { x, dy }, attributes: { ...attributes, kernelShape } },
        ];
      },
    };
  });

export const biasedConvolutions = (): ConformanceCase[] =>
  convolutionShapes.map(([inputShape, kernelShape, attributes], index): ConformanceCase => {
    const seed = 6700 + 10 * index;
    const [x, kernel] = [values(seed, inputShape, { low: -0.5 }), values(seed + 1, kernelShape)];
    const relu = index % 2 === 0;
    return {
      title: `images ${inputShape.join('x')}, kernel ${kernelShape.join('x')}, groups ${attributes.groups}${relu ? ', ReLU' : ''}`,
      call: {
        kernel: KERNELS.biasedConvolution,
        inputs: { x, kernel, bias: values(seed + 2, [kernelShape[3]]) },
        attributes: { ...attributes, relu },
      },
      gradients: ([y]) => [
        {
          kernel: KERNELS.biasActivationGradient,
          inputs: {
            dy: values(seed + 3, (y as Values).shape, { high: 1.5 }),
            ...(relu && { y: y as Values }),
          },
          attributes: { relu },
        },
      ],
    };
  });
