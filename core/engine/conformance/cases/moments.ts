import { KERNELS, type MomentWindow } from '../../kernels.js';
import type { ConformanceCase } from '../case.js';
import { type Values, values } from '../values.js';

/** Second moments of the patches at some places, whole: a tap at a time, of `taps` taps. */
function momentsOf(seed: number, taps: number, channels: number): { moments: Values; window: MomentWindow } {
  const places = 3 * taps * channels;
  const patches = values(seed, [places, taps * channels], { low: -0.5 }).data;
  const at = (place: number, tap: number, channel: number): number =>
    patches[(place * taps + tap) * channels + channel] as number;
  const data: number[] = [];
  const mean = (of: (place: number) => number): number =>
    Array.from({ length: places }, (_, place) => of(place)).reduce((sum, value) => sum + value, 0) / places;
  for (let pair = 0; pair < taps ** 2; pair++) {
    const [tap, other] = [Math.floor(pair / taps), pair % taps];
    for (let j = 0; j < channels; j++)
      for (let i = 0; i < channels; i++) data.push(mean((place) => at(place, other, j) * at(place, tap, i)));
  }
  for (let tap = 0; tap < taps; tap++)
    for (let channel = 0; channel < channels; channel++) data.push(mean((place) => at(place, tap, channel)));
  const unit = (count: number) =>
    Float32Array.from({ length: count ** 2 }, (_, index) => (index % (count + 1) === 0 ? 1 : 0));
  return {
    moments: { shape: [taps ** 2 * channels + taps, channels], data: Float32Array.from(data) },
    window: { taps, second: unit(taps ** 2), first: unit(taps) },
  };
}

const momentShapes: readonly (readonly [taps: number, channels: number, outputs: number])[] = [
  [1, 2, 1],
  [1, 5, 7],
  [3, 4, 16],
  [9, 3, 17],
];

export const kernelNorms = (): ConformanceCase[] =>
  momentShapes.map(([taps, channels, outputs], index) => {
    const seed = 5700 + 10 * index;
    const { moments, window } = momentsOf(seed, taps, channels);
    const kernel = values(seed + 1, [taps * channels, outputs]);
    const gamma = values(seed + 2, [outputs], { low: 0.3, high: 1.5 });
    const attributes = { window, epsilon: 1e-5 };
    return {
      title: `${taps} taps, ${channels} to ${outputs} channels`,
      call: { kernel: KERNELS.kernelNorm, inputs: { moments, kernel, gamma }, attributes },
      gradients: ([, statistics, product]) => [
        {
          kernel: KERNELS.kernelNormGradient,
          inputs: {
            dy: values(seed + 3, kernel.shape),
            moments,
            kernel,
            gamma,
            statistics: statistics as Values,
            product: product as Values,
          },
          attributes,
        },
      ],
    };
  });

/** Whole, the middle row, the mean over the window, and whole again. */
export const mergedKernels = (): ConformanceCase[] =>
  [
    { channels: 2, outputs: 3 },
    { channels: 5, outputs: 17 },
  ].map(({ channels, outputs }, index) => {
    const seed = 5800 + 40 * index;
    const { moments, window } = momentsOf(seed, 9, channels);
    const all = Array.from({ length: 9 }, (_, tap) => tap);
    const row = [3, 4, 5];
    const picked = (pairs: readonly (readonly number[])[], columns: number): Float32Array =>
      Float32Array.from(
        pairs.flatMap((own) => Array.from({ length: columns }, (_, at) => (own.includes(at) ? 1 / own.length : 0))),
      );
    const windows: MomentWindow[] = [
      window,
      {
        taps: 3,
        second: picked(
          row.flatMap((tap) => row.map((other) => [9 * tap + other])),
          81,
        ),
        first: picked(
          row.map((tap) => [tap]),
          9,
        ),
      },
      { taps: 1, second: picked([Array.from({ length: 81 }, (_, at) => at)], 81), first: picked([all], 9) },
      window,
    ];
    const whole = all.map((tap) => [tap]);
    const places = [whole, row.map((tap) => [tap]), [all], whole];
    const attributes = { size: 3, epsilon: 1e-5, windows, places };
    const each = (make: (branch: number) => Values) => windows.map((_, branch) => make(branch));
    const inputs = [
      moments,
      values(seed + 1, [4], { low: 0.5, high: 1.5 }),
      // The last in the shape of a convolution's kernel.
      ...each((branch) =>
        values(
          seed + 2 + branch,
          branch === 3 ? [3, 3, channels, outputs] : [(windows[branch]?.taps ?? 0) * channels, outputs],
        ),
      ),
      ...each((branch) => values(seed + 10 + branch, [outputs], { low: 0.3, high: 1.5 })),
      ...each((branch) => values(seed + 20 + branch, [outputs])),
    ];
    return {
      title: `4 branches, ${channels} to ${outputs} channels`,
      call: { kernel: KERNELS.mergedKernel, inputs, attributes },
      gradients: ([kernel, shift, ...rest]) => [
        {
          kernel: KERNELS.mergedKernelGradient,
          inputs: [
            values(seed + 30, (kernel as Values).shape),
            values(seed + 31, (shift as Values).shape),
            ...inputs,
            ...rest,
          ],
          attributes,
        },
      ],
    };
  });

export const tapProducts = (): ConformanceCase[] =>
  [
    { title: 'one tap', first: [2, 3], second: [3, 4] },
    { title: 'nine taps', first: [5, 7], second: [63, 17] },
    { title: 'kernels of convolutions', first: [1, 1, 16, 16], second: [3, 1, 16, 33] },
  ].map(({ title, first, second }, index) => {
    const seed = 5990 + 5 * index;
    const inputs = { first: values(seed, first), second: values(seed + 1, second) };
    return {
      title,
      call: { kernel: KERNELS.tapProduct, inputs, attributes: {} },
      gradients: ([y]) => [
        {
          kernel: KERNELS.tapProductGradient,
          inputs: { dy: values(seed + 2, (y as Values).shape), ...inputs },
          attributes: {},
        },
      ],
    };
  });

/** Whole, the middle tap, the mean over the window, the middle row, and whole again. */
export const squeezedKernels = (): ConformanceCase[] =>
  [
    { channels: 2, outputs: 3 },
    { channels: 5, outputs: 17 },
  ].map(({ channels, outputs }, index) => {
    const seed = 5900 + 40 * index;
    const all = Array.from({ length: 9 }, (_, tap) => tap);
    const whole = all.map((tap) => [tap]);
    const places = [whole, [[4]], [all], [[3], [4], [5]], whole];
    const attributes = { size: 3, places };
    const inputs = [
      ...places.map((own, branch) => values(seed + branch, [own.length * channels, outputs])),
      ...places.map((_, branch) => values(seed + 10 + branch, [outputs], { low: -1, high: 1.5 })),
    ];
    return {
      title: `5 branches, ${channels} to ${outputs} channels`,
      call: { kernel: KERNELS.squeezedKernel, inputs, attributes },
      gradients: ([kernel]) => [
        {
          kernel: KERNELS.squeezedKernelGradient,
          inputs: [values(seed + 20, (kernel as Values).shape), ...inputs],
          attributes,
        },
      ],
    };
  });
