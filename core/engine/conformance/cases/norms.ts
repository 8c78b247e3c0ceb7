import { KERNELS } from '../../kernels.js';
import type { ConformanceCase, Shape } from '../case.js';
import { type Values, values } from '../values.js';

const normShapes: readonly (readonly [shape: Shape, branches: number])[] = [
  [[2, 3, 3, 1], 1],
  [[4, 5, 5, 4], 1],
  [[2, 7, 3, 5], 2],
  [[3, 4, 4, 16], 3],
  [[2, 2, 2, 64], 4],
  [[1, 9, 8, 17], 7],
  [[8, 1, 1, 12], 2],
];

export const branchNorms = (): ConformanceCase[] =>
  normShapes.flatMap(([shape, branches], index) =>
    [true, false].map((relu): ConformanceCase => {
      const channels = [shape[3]];
      const seed = 4000 + 100 * index;
      const each = <T>(make: (branch: number) => T) => Array.from({ length: branches }, (_, branch) => make(branch));
      const us = each((branch) => values(seed + branch, shape, { low: -1 + branch, high: 1 + 2 * branch }));
      // Two branches may see the very same image.
      if (branches > 2) us[2] = us[0] as Values;
      const gammas = each((branch) => values(seed + 10 + branch, channels, { low: 0.3, high: 1.5 }));
      const betas = each((branch) => values(seed + 20 + branch, channels));
      const gates = values(seed + 30, [branches], { low: 0.5, high: 1.5 });
      const attributes = { branches, epsilon: 1e-5, relu };
      const inputs = [...us, ...gammas, ...betas, gates];
      return {
        title: `${branches} branches of ${shape.join('x')}${relu ? ', ReLU' : ''}`,
        call: { kernel: KERNELS.branchNorm, inputs, attributes },
        gradients: ([y, ...moments]) => [
          {
            kernel: KERNELS.branchNormGradient,
            inputs: [values(seed + 40, shape), y as Values, ...inputs, ...moments],
            attributes,
          },
        ],
      };
    }),
  );

export const scaleNorms = (): ConformanceCase[] =>
  normShapes.map(([shape], index) => {
    const seed = 5000 + 10 * index;
    const u = values(seed, shape, { low: -2, high: 4 });
    const gamma = values(seed + 1, [shape[3]], { low: 0.3, high: 1.5 });
    const attributes = { epsilon: 1e-5 };
    return {
      title: shape.join('x'),
      call: { kernel: KERNELS.scaleNorm, inputs: { u, gamma }, attributes },
      gradients: ([, moments]) => [
        {
          kernel: KERNELS.scaleNormGradient,
          inputs: { dy: values(seed + 2, shape), u, gamma, moments: moments as Values },
          attributes,
        },
      ],
    };
  });

export const patchMoments = (): ConformanceCase[] =>
  normShapes.flatMap(([shape], index) =>
    ([1, 3] as const).map((size): ConformanceCase => {
      const x = values(5500 + index, shape, { low: -0.5 });
      return {
        title: `${shape.join('x')}, size ${size}`,
        call: { kernel: KERNELS.patchMoments, inputs: { x }, attributes: { size } },
        // What the kernel itself gives has the symmetry that its gradient asks for.
        gradients: ([moments]) => [
          {
            kernel: KERNELS.patchMomentsGradient,
            inputs: { x, dmoments: moments as Values },
            attributes: { size },
          },
        ],
      };
    }),
  );

export const affineSums = (): ConformanceCase[] =>
  normShapes.flatMap(([shape, branches], index) =>
    [true, false].map((relu): ConformanceCase => {
      const seed = 6000 + 100 * index;
      const us = Array.from({ length: branches }, (_, branch) => values(seed + branch, shape));
      const scales = us.map((_, branch) => values(seed + 10 + branch, [shape[3]]));
      return {
        title: `${branches} branches of ${shape.join('x')}${relu ? ', ReLU' : ''}`,
        call: {
          kernel: KERNELS.affineSum,
          inputs: [...us, ...scales, values(seed + 20, [shape[3]])],
          attributes: { branches, relu },
        },
      };
    }),
  );

export const runningStatistics = (): ConformanceCase[] =>
  [[5], [1, 5, 64, 3]].map((channels, index): ConformanceCase => {
    const given = (offset: number) =>
      channels.map((count, at) => values(6950 + 20 * index + offset + at, [2, count], { low: 0, high: 2 }));
    const shifted = [...channels.keys()].filter((at) => at % 2 === 1);
    const constants = shifted.map((at) => values(6966 + at, [channels[at] as number]));
    return {
      title: `${channels.join(', ')} channels`,
      call: {
        kernel: KERNELS.runningStatistics,
        inputs: [...given(0), ...given(8), ...constants],
        attributes: { momentum: 0.1, counts: channels.map((_, at) => 1 + 6 * at), shifted },
        overwrites: [...channels.keys()],
      },
    };
  });

export const constantConvolutions = (): ConformanceCase[] =>
  [
    { kernel: [3, 3, 5, 7], groups: 1 },
    { kernel: [1, 3, 32, 40], groups: 1 },
    { kernel: [3, 3, 2, 6], groups: 3 },
  ].map(({ kernel, groups }, index) => ({
    title: `kernel ${kernel.join('x')}, groups ${groups}`,
    call: {
      kernel: KERNELS.constantConvolution,
      inputs: {
        constant: values(6930 + 2 * index, [(kernel[2] as number) * groups]),
        kernel: values(6931 + 2 * index, kernel),
      },
      attributes: { groups },
    },
  }));

export const normConstants = (): ConformanceCase[] =>
  [1, 5, 64].map((channels, index) => {
    const seed = 6990 + 3 * index;
    const [gamma, beta] = [values(seed, [channels], { low: 0.3 }), values(seed + 1, [channels])];
    const moments = values(seed + 2, [2, channels], { low: 0.1, high: 2 });
    return {
      title: `${channels} channels`,
      call: { kernel: KERNELS.normConstant, inputs: { gamma, beta, moments }, attributes: { epsilon: 1e-5 } },
    };
  });
