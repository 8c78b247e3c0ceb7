/** Constants and structure sizes of oneDNN's C interface as version 2.6 lays them out. Version 3 replaced all of it. */
export const ABI = { major: 2, minor: 6 } as const;

/** Bytes of the structures that callers allocate. */
export const SIZE = {
  memory: 696,
  convolution: 5976,
  batchNormalization: 3496,
  pooling: 3192,
  eltwise: 1416,
  binary: 2096,
  softmax: 1408,
  product: 2800,
  argument: 16,
} as const;

export const MAX_DIMENSIONS = 12;

export const PROPAGATION = { training: 64, inference: 96, backward: 128, backwardData: 160 } as const;

export const ALGORITHM = {
  convolutionDirect: 1,
  convolutionWinograd: 2,
  relu: 0x1f,
  /** The derivative of ReLU taken from its output. */
  reluFromOutput: 0x100,
  tanh: 0x2f,
  square: 0x4f,
  abs: 0x5f,
  sqrt: 0x6f,
  linear: 0x7f,
  logistic: 0xaf,
  exp: 0xbf,
  log: 0xef,
  maxPooling: 0x1ff,
  averagePoolingPadded: 0x2ff,
  averagePooling: 0x3ff,
  add: 0x1fff0,
  multiply: 0x1fff1,
  maximum: 0x1fff2,
  minimum: 0x1fff3,
  divide: 0x1fff4,
  subtract: 0x1fff5,
} as const;

export const NORMALIZATION = { globalStatistics: 1, scaleShift: 2, relu: 4 } as const;

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
  scaleShift: 33,
  workspace: 64,
  sourceGradient: 129,
  destinationGradient: 145,
  weightsGradient: 161,
  scaleShiftGradient: 161,
  biasGradient: 169,
  multipleSource: 1024,
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
