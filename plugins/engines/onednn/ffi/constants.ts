/**
 * Numbers of oneDNN's C interface that versions 2.6 and 3.x have in common. Where they differ, these are the numbers of
 * version 3, which have stayed the same from 3.0 on; `version2.ts` translates them.
 */

export const MAX_DIMENSIONS = 12;

/** Bytes of one entry in the list of arguments that a primitive is run with. */
export const ARGUMENT_SIZE = 16;

export const PROPAGATION = { training: 64, inference: 96, backward: 128 } as const;

export const ALGORITHM = {
  convolutionDirect: 1,
  convolutionWinograd: 2,
  relu: 0x20,
  /** The derivative of ReLU taken from its output. */
  reluFromOutput: 0x100,
  tanh: 0x21,
  square: 0x23,
  abs: 0x24,
  sqrt: 0x25,
  linear: 0x26,
  logistic: 0x29,
  exp: 0x2a,
  maxPooling: 0x1ff,
  averagePoolingPadded: 0x2ff,
  averagePooling: 0x3ff,
  add: 0x1fff0,
  multiply: 0x1fff1,
  maximum: 0x1fff2,
  minimum: 0x1fff3,
  divide: 0x1fff4,
  subtract: 0x1fff5,
  softmax: 0x30000,
} as const;

export const FLOAT32 = 3;
/** Lets a primitive choose the layout. */
export const FORMAT_ANY = 1;

export const ARGUMENT = {
  source: 1,
  secondSource: 2,
  destination: 17,
  weights: 33,
  bias: 41,
  mean: 49,
  variance: 50,
  workspace: 64,
  sourceGradient: 129,
  destinationGradient: 145,
  weightsGradient: 161,
} as const;

export const QUERY = {
  memoryConsumption: 6,
  implementation: 8,
  source: 129,
  sourceGradient: 130,
  weights: 131,
  weightsGradient: 132,
  destination: 133,
  destinationGradient: 134,
  workspace: 135,
} as const;
