import * as tf from '@tensorflow/tfjs-core';

/**
 * A pointwise kernel `[C, T]` followed by one with n taps `[n·T, O]`, as one kernel: tap by tap a product, `[n·C, O]`.
 * Differentiable in both.
 */
export const tapProduct = (first: tf.Tensor2D, second: tf.Tensor2D): tf.Tensor2D => {
  if (second.shape[0] % first.shape[1] !== 0)
    throw new Error(`tapProduct: [${second.shape}] holds no whole number of taps for [${first.shape}]`);
  return product(first, second) as tf.Tensor2D;
};

const product = tf.customGrad((...given) => {
  const [first, second, save] = given as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
  const [inputs, inner] = first.shape;
  const [rows, outputs] = second.shape;
  const taps = rows / inner;
  const wide = (a: tf.Tensor): tf.Tensor3D => tf.reshape(a, [1, inputs, inner]) as tf.Tensor3D;
  const value = tf.tidy(() => {
    const products = tf.matMul(wide(first), tf.reshape(second, [taps, inner, outputs]));
    return tf.reshape(products, [taps * inputs, outputs]);
  });
  save([first, second]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
    const [a, b] = saved as [tf.Tensor2D, tf.Tensor2D];
    const dys = tf.reshape(dy, [taps, inputs, outputs]);
    const da = tf.sum(tf.matMul(dys, tf.reshape(b, [taps, inner, outputs]), false, true), 0);
    return [da, tf.reshape(tf.matMul(wide(a), dys, true, false), [rows, outputs])];
  };
  return { value, gradFunc };
});
