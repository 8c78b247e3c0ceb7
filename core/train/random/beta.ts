import type { RandomStream } from '../../contracts/random.js';

/** A number from Beta(a, b), by two gamma variates: X / (X + Y), computed from their logarithms since small shapes underflow. */
export function beta(stream: RandomStream, a: number, b: number): number {
  return 1 / (1 + Math.exp(logGammaVariate(stream, b) - logGammaVariate(stream, a)));
}

/** The logarithm of a Gamma(shape, 1) variate: Marsaglia and Tsang 2000, with their section 6 for shapes below 1. */
export function logGammaVariate(stream: RandomStream, shape: number): number {
  if (!(shape > 0)) throw new Error(`a gamma variate of shape ${shape} was asked for; expected a positive shape`);
  if (shape < 1) return logGammaVariate(stream, shape + 1) + Math.log(stream.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (Math.log(stream.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
