import type { TensorSource } from './tensor-source.js';

/** What these families call their dense layer, theirs before others'. */
const NAMES = ['linear', 'head.fc', 'fc', 'classifier', 'head'];

export interface Classifier {
  readonly name: string;
  readonly features: number;
  readonly classes: number;
  /** Weight, inputs x outputs, and bias. */
  read(tensors: TensorSource): Promise<{ readonly weight: Float32Array; readonly bias: Float32Array }>;
}

/** The dense layer among the tensors that belong to no block. @throws Error listing those where there is none. */
export function classifierOf(shapes: TensorSource['shapes'], others: readonly string[]): Classifier {
  const name = NAMES.find((found) => others.includes(`${found}.weight`) && shapes.get(`${found}.weight`)?.length === 2);
  if (name === undefined)
    throw new Error(
      `no dense layer was found; expected ${NAMES.map((text) => `'${text}.weight'`).join(', ')}, beside the blocks there is ${others.slice(0, 8).join(', ') || 'nothing'}`,
    );
  const [classes = 0, features = 0] = shapes.get(`${name}.weight`) ?? [];
  const biases = shapes.get(`${name}.bias`);
  if (biases && biases.join() !== String(classes))
    throw new Error(`tensor '${name}.bias' has shape [${biases}]; expected [${classes}]`);
  const read: Classifier['read'] = async (tensors) => ({
    weight: transposed(await tensors.read(`${name}.weight`), classes, features),
    bias: biases ? Float32Array.from(await tensors.read(`${name}.bias`), Number) : new Float32Array(classes),
  });
  return { name, features, classes, read };
}

/** `[outputs, inputs]` to `[inputs, outputs]`. */
function transposed(values: ArrayLike<number | bigint>, outputs: number, inputs: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let input = 0, to = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++, to++) result[to] = Number(values[output * inputs + input]);
  }
  return result;
}
