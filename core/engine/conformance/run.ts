import * as tf from '@tensorflow/tfjs-core';
import type { Values } from './values.js';

/** One call of a kernel: inputs by name or by position. */
export interface KernelCall {
  /** One of ours, or one of TensorFlow.js'. */
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Values>> | readonly Values[];
  readonly attributes: object;
  /**
   * Positions of the inputs that the kernel may write its outputs over, in their order; it then returns none. Default:
   * none.
   */
  readonly overwrites?: readonly number[];
}

/**
 * Runs a kernel on the current backend. Equal inputs become one tensor, as where one image feeds several branches.
 * @throws Error if the kernel changes an input or leaves tensors behind.
 */
export async function run({ kernel, inputs, attributes, overwrites = [] }: KernelCall): Promise<Values[]> {
  const tensors = new Map(Object.values(inputs).map((given) => [given, own(given)] as const));
  const named = Object.entries(inputs).map(([name, given]) => [name, tensors.get(given) as tf.Tensor] as const);
  const before = tf.memory().numTensors;
  const given = Array.isArray(inputs) ? named.map(([, tensor]) => tensor) : Object.fromEntries(named);
  const outputs = [
    tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(kernel, given as tf.NamedTensorMap, attributes as tf.NamedAttrMap),
  ].flat();
  const left = tf.memory().numTensors - before - outputs.length;
  const written = outputs.length === 0 ? overwrites.map((at) => named[at]?.[1] as tf.Tensor) : [];
  const read = await Promise.all([...outputs, ...written].map(readValues));
  for (const [values, tensor] of tensors) {
    if (written.includes(tensor)) continue;
    const { data } = await readValues(tensor);
    if (data.some((value, index) => !Object.is(value, values.data[index])))
      throw new Error(`${kernel} changes an input of shape [${values.shape}]`);
  }
  tf.dispose([...tensors.values(), ...outputs]);
  if (left !== 0) throw new Error(`${kernel} leaves ${left} tensors behind`);
  return read;
}

/** Makes a tensor of its own: some backends work on the array they are given. */
const own = ({ shape, data }: Values): tf.Tensor => tf.tensor(Float32Array.from(data), [...shape]);

const readValues = async (tensor: tf.Tensor): Promise<Values> => ({
  shape: tensor.shape,
  data: Float32Array.from(await tensor.data()),
});
