import type { BranchNormAttributes, PoolAttributes } from '../../../core/engine/kernels.js';
import { type Array64, at, moments, pool, zeros } from '../../../core/reparam/interpreters/loops64.js';

export * from '../../../core/reparam/interpreters/loops64.js';

export const maxPool = (x: Array64, attributes: PoolAttributes): Array64 =>
  pool(x, attributes, (seen) => Math.max(...seen));

export function branchNorm(inputs: readonly Array64[], { branches, epsilon, relu }: BranchNormAttributes): Array64 {
  const us = inputs.slice(0, branches);
  const channels = us[0]?.shape.at(-1) as number;
  const y = zeros((us[0] as Array64).shape);
  for (const [branch, u] of us.entries()) {
    const statistics = moments(u);
    const gate = at(inputs[3 * branches] as Array64, branch);
    for (const [index, value] of u.data.entries()) {
      const channel = index % channels;
      const gamma = at(inputs[branches + branch] as Array64, channel);
      const beta = at(inputs[2 * branches + branch] as Array64, channel);
      const normal = (value - at(statistics, 0, channel)) / Math.sqrt(at(statistics, 1, channel) + epsilon);
      y.data[index] = (y.data[index] as number) + gate * (gamma * normal + beta);
    }
  }
  if (relu) for (const [index, value] of y.data.entries()) y.data[index] = Math.max(0, value);
  return y;
}

export function scaleNorm(u: Array64, gamma: Array64, epsilon: number): Array64 {
  const channels = u.shape.at(-1) as number;
  const statistics = moments(u);
  const scale = (channel: number) => at(gamma, channel) / Math.sqrt(at(statistics, 1, channel) + epsilon);
  return { shape: u.shape, data: u.data.map((value, index) => value * scale(index % channels)) };
}

export function affineSum(inputs: readonly Array64[], branches: number, relu: boolean): Array64 {
  const y = zeros((inputs[0] as Array64).shape);
  const channels = y.shape.at(-1) as number;
  for (const index of y.data.keys()) {
    const channel = index % channels;
    let sum = at(inputs[2 * branches] as Array64, channel);
    for (let branch = 0; branch < branches; branch++) {
      sum += (inputs[branch]?.data[index] as number) * at(inputs[branches + branch] as Array64, channel);
    }
    y.data[index] = relu ? Math.max(0, sum) : sum;
  }
  return y;
}

export function softmax(logits: Array64): Array64 {
  const [images, classes] = logits.shape as [number, number];
  const result = zeros(logits.shape);
  for (let image = 0; image < images; image++) {
    const row = logits.data.subarray(image * classes, (image + 1) * classes);
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    for (const [index, value] of row.entries()) result.data[image * classes + index] = Math.exp(value) / sum;
  }
  return result;
}

export function crossEntropy(logits: Array64, target: Array64): Array64 {
  const probabilities = softmax(logits);
  const sum = target.data.reduce(
    (total, value, index) => total - value * Math.log(probabilities.data[index] as number),
    0,
  );
  return { shape: [], data: Float64Array.of(sum / (logits.shape[0] as number)) };
}
