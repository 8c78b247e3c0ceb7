// A branch's batch-norm and gate in a merged kernel, channel by channel. Functions of their own: V8 compiles short ones soon.

/** What scales and shifts a branch: `[O]`, and its gate. */
export interface Affine {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly gate: number;
}

/** γz/√(v + ε) */
export function scaleOf({ gamma, gate }: Affine, statistics: Float32Array, epsilon: number): Float32Array {
  const scale = new Float32Array(gamma.length);
  for (let output = 0; output < gamma.length; output++) {
    const variance = statistics[gamma.length + output] as number;
    scale[output] = ((gamma[output] as number) * gate) / Math.sqrt(variance + epsilon);
  }
  return scale;
}

/** shift += βz − scale · μ */
export function addShift({ beta, gate }: Affine, scale: Float32Array, mean: Float32Array, shift: Float32Array): void {
  for (let output = 0; output < shift.length; output++) {
    const share = gate * (beta[output] as number) - (scale[output] as number) * (mean[output] as number);
    shift[output] = (shift[output] as number) + share;
  }
}

/** What flows into one branch's statistics, scale and shift, `[O]` each. */
export interface Pulls {
  readonly dmean: Float32Array;
  readonly dvariance: Float32Array;
  readonly dgamma: Float32Array;
  readonly dbeta: Float32Array;
}

/** Writes it from the branch's scale, Σ D·W of each output and the gradient of the shift; gives the gate's. */
export function pull(
  { gamma, beta, gate }: Affine,
  scale: Float32Array,
  statistics: Float32Array,
  epsilon: number,
  pulled: Float32Array,
  dshift: Float32Array,
  { dmean, dvariance, dgamma, dbeta }: Pulls,
): number {
  const outputs = gamma.length;
  let dgate = 0;
  for (let output = 0; output < outputs; output++) {
    const mean = statistics[output] as number;
    const variance = statistics[outputs + output] as number;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    const a = scale[output] as number;
    const d = dshift[output] as number;
    const own = ((pulled[output] as number) - mean * d) * inverse;
    // Where rounding left nothing of a variance, nothing flows into it.
    const dv = variance > 0 ? -0.5 * own * a * inverse : 0;
    dvariance[output] = dv;
    dmean[output] = -a * d - 2 * mean * dv;
    dgamma[output] = own * gate;
    dbeta[output] = d * gate;
    dgate += own * (gamma[output] as number) + d * (beta[output] as number);
  }
  return dgate;
}
