import type { ValueRange } from '../../core/contracts/index.js';
import type { LaidOut } from './channels-first.js';
import type { Precision } from './onnx-graph.js';
import { INT, INT32, INT8, UINT8 } from './onnx-schema.js';

interface Scale {
  readonly scale: number;
  readonly zero: number;
}

/**
 * Static quantisation as every runtime reads it: QuantizeLinear and DequantizeLinear around what they surround. Values between nodes
 * in 8 bits without sign, from the lowest to the highest value seen; kernels in 8 bits with sign, symmetric, a scale for each output;
 * biases in 32 bits, with the scale that their sums have (Jacob et al. 2018, section 2.2 to 2.4).
 *
 * @throws Error when no range of a node's values is known
 */
export function int8(ranges: ReadonlyMap<string, ValueRange>): Precision {
  const scales = new Map<string, Scale>();
  const scaleOf = (value: string): Scale => {
    const scale = scales.get(value);
    if (!scale) throw new Error(`a node reads '${value}', which is not quantised`);
    return scale;
  };
  return {
    value: (parts, node, value) => {
      const range = ranges.get(node);
      if (!range) throw new Error(`no range of values is known for node '${node}'`);
      const { scale, zero } = unsigned(range);
      const [scaleName, zeroName] = [`${node}_scale`, `${node}_zero`];
      parts.tensor(scaleName, [], () => Float32Array.of(scale));
      parts.tensor(zeroName, [], () => Uint8Array.of(zero), UINT8);
      parts.node('QuantizeLinear', `${node}_quantize`, [value, scaleName, zeroName], `${node}_quantized`);
      const name = parts.node(
        'DequantizeLinear',
        `${node}_dequantize`,
        [`${node}_quantized`, scaleName, zeroName],
        `${node}_dequantized`,
      );
      scales.set(name, { scale, zero });
      return name;
    },
    weights: (parts, name, numbers, input) => {
      const weightScales = scalesOf(numbers);
      const { scale } = scaleOf(input);
      const outputs = weightScales.length;
      const biasScales = weightScales.map((weightScale) => weightScale * scale);
      const axis = [{ name: 'axis', type: INT, i: 0 } as const];
      parts.tensor(`${name}.weight_scale`, [outputs], () => weightScales);
      parts.tensor(`${name}.weight_zero`, [outputs], () => new Int8Array(outputs), INT8);
      parts.tensor(`${name}.weight`, numbers.shape, () => rounded(numbers.weight(), weightScales), INT8);
      parts.tensor(`${name}.bias_scale`, [outputs], () => biasScales);
      parts.tensor(`${name}.bias_zero`, [outputs], () => new Int32Array(outputs), INT32);
      parts.tensor(`${name}.bias`, [outputs], () => roundedBias(numbers.bias, biasScales), INT32);
      return ['weight', 'bias'].map((kind) =>
        parts.node(
          'DequantizeLinear',
          `${name}_${kind}_dequantize`,
          [`${name}.${kind}`, `${name}.${kind}_scale`, `${name}.${kind}_zero`],
          `${name}_${kind}`,
          axis,
        ),
      ) as [string, string];
    },
  };
}

/** Zero is one of the 256 steps, since borders are filled with it. */
function unsigned({ lowest, highest }: ValueRange): Scale {
  const [low, high] = [Math.min(0, lowest), Math.max(0, highest)];
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zero: Math.round(-low / scale) };
}

/** Of each output: its largest weight is 127 steps from zero. */
function scalesOf({ shape, weight }: LaidOut): Float32Array {
  const [outputs = 0] = shape;
  const values = weight();
  const size = values.length / outputs;
  return Float32Array.from({ length: outputs }, (_, output) => {
    let largest = 0;
    for (let at = output * size; at < (output + 1) * size; at++)
      largest = Math.max(largest, Math.abs(values[at] as number));
    return largest / 127 || 1;
  });
}

function rounded(values: Float32Array, scales: Float32Array): Int8Array {
  const size = values.length / scales.length;
  return Int8Array.from(values, (value, at) => {
    const steps = Math.round(value / (scales[Math.floor(at / size)] as number));
    return Math.max(-127, Math.min(127, steps));
  });
}

function roundedBias(bias: Float32Array, scales: Float32Array): Int32Array {
  const limit = 2 ** 31 - 1;
  return Int32Array.from(bias, (value, output) =>
    Math.max(-limit, Math.min(limit, Math.round(value / (scales[output] as number)))),
  );
}
