import * as tf from '@tensorflow/tfjs-core';

/**
 * w_oᵀ·S·w_o for every column o of `w` `[n·c, O]`: `[O]`. S is symmetric and comes by column blocks, `s` `[n, n·c, c]`, so that
 * S[(u,j),(t,i)] = s[t,(u,j),i]. Differentiable in both; the product S·w is kept for the backward pass.
 */
export function quadraticForm(s: tf.Tensor3D, w: tf.Tensor2D): tf.Tensor1D {
  const [blocks, rows, columns] = s.shape;
  if (rows !== blocks * columns || w.shape[0] !== rows)
    throw new Error(`quadraticForm: s [${s.shape}] is not square by blocks, or w [${w.shape}] has not as many rows`);
  return form(s, w) as tf.Tensor1D;
}

const form = tf.customGrad((...given) => {
  const [s, w, save] = given as unknown as [tf.Tensor3D, tf.Tensor2D, tf.GradSaveFunc];
  const [blocks, rows, columns] = s.shape;
  const outputs = w.shape[1];
  const product = tf.tidy(() => {
    const images = tf.matMul(s, tf.reshape(w, [1, rows, outputs]), true, false);
    return tf.reshape(images, [rows, outputs]) as tf.Tensor2D;
  });
  const value = tf.tidy(() => tf.sum(tf.mul(w, product), 0));
  save([w, product]);
  tf.dispose(product);
  // With d the gradient of what comes after: dw = 2 d·Sw, dS = w·d·wᵀ.
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
    const [kernel, image] = saved as [tf.Tensor2D, tf.Tensor2D];
    const scaled = tf.reshape(tf.mul(kernel, dy), [1, rows, outputs]);
    const ds = tf.matMul(scaled, tf.reshape(kernel, [blocks, columns, outputs]), false, true);
    return [ds, tf.mul(image, tf.mul(dy, 2))];
  };
  return { value, gradFunc };
});
