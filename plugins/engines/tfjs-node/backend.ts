import * as tf from '@tensorflow/tfjs-core';
import type { TensorStorage } from '../../../core/engine/backend.js';

/** The name that TensorFlow.js knows the backend by. */
export const BACKEND = 'tensorflow';

/** What TensorFlow's C interface calls an attribute of an operation; `type` is one of its numbers for kinds of values. */
interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: string | boolean | number | readonly number[];
}

/** What this engine asks of the backend that the package registers. */
export interface NodeBackend {
  readonly tensorMap: TensorStorage;
  /** Whether TensorFlow found a GPU and computes on it. */
  readonly isUsingGpuDevice: boolean;
  readonly binding: Readonly<Record<'TF_FLOAT' | `TF_ATTR_${'STRING' | 'INT' | 'FLOAT' | 'BOOL' | 'TYPE'}`, number>>;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/** The backend that the package has registered. @throws Error where the package was not loaded. */
export function nodeBackend(): NodeBackend {
  const backend = tf.findBackend(BACKEND);
  if (!backend) throw new Error(`TensorFlow.js has no backend '${BACKEND}': @tensorflow/tfjs-node was not loaded`);
  return backend as unknown as NodeBackend;
}

/** One of TensorFlow's own operations on float32 tensors. */
export interface Operation {
  readonly name: string;
  /** Attributes that name the type of some inputs. */
  readonly types: readonly string[];
  readonly outputs: number;
}

/** Runs an operation of TensorFlow; of its attributes, a number alone is a float, a list holds integers. */
export function operate(
  backend: NodeBackend,
  { name, types, outputs }: Operation,
  inputs: readonly tf.Tensor[],
  attributes: Readonly<Record<string, OperationAttribute['value']>> = {},
): tf.Tensor[] {
  const { binding } = backend;
  const kindOf = (value: OperationAttribute['value']): number => {
    if (typeof value === 'string') return binding.TF_ATTR_STRING;
    if (typeof value === 'boolean') return binding.TF_ATTR_BOOL;
    return typeof value === 'number' ? binding.TF_ATTR_FLOAT : binding.TF_ATTR_INT;
  };
  const given = [
    ...types.map((type) => ({ name: type, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT })),
    ...Object.entries(attributes).map(([attribute, value]) => ({ name: attribute, type: kindOf(value), value })),
  ];
  return backend.executeMultipleOutputs(name, given, inputs, outputs);
}
