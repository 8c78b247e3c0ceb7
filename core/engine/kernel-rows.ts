import * as tf from '@tensorflow/tfjs-core';

/** Reshapes a kernel `[KH,KW,C,O]` or `[n·C, O]` to rows, one per tap and input channel: `[n·C, O]`. */
export const rowsOf = (kernel: tf.Tensor): tf.Tensor2D =>
  kernel.rank === 2 ? (kernel as tf.Tensor2D) : tf.reshape(kernel, [-1, kernel.shape.at(-1) as number]);
