import protobuf from 'protobufjs/light.js';
import type { FileParts } from '../../core/contracts/index.js';

/**
 * What a plain network needs of ONNX' messages: names, types and numbers of the fields as in
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (ONNX Project Contributors, Apache-2.0).
 */
const SCHEMA = {
  nested: {
    ModelProto: message({
      ir_version: ['int64', 1],
      producer_name: ['string', 2],
      doc_string: ['string', 6],
      graph: ['GraphProto', 7],
      opset_import: ['OperatorSetIdProto', 8, 'repeated'],
      metadata_props: ['StringStringEntryProto', 14, 'repeated'],
    }),
    OperatorSetIdProto: message({ domain: ['string', 1], version: ['int64', 2] }),
    StringStringEntryProto: message({ key: ['string', 1], value: ['string', 2] }),
    GraphProto: message({
      node: ['NodeProto', 1, 'repeated'],
      name: ['string', 2],
      initializer: ['TensorProto', 5, 'repeated'],
      input: ['ValueInfoProto', 11, 'repeated'],
      output: ['ValueInfoProto', 12, 'repeated'],
    }),
    NodeProto: message({
      input: ['string', 1, 'repeated'],
      output: ['string', 2, 'repeated'],
      name: ['string', 3],
      op_type: ['string', 4],
      attribute: ['AttributeProto', 5, 'repeated'],
    }),
    AttributeProto: message({
      name: ['string', 1],
      f: ['float', 2],
      i: ['int64', 3],
      ints: ['int64', 8, 'repeated'],
      type: ['int32', 20],
    }),
    TensorProto: message({
      dims: ['int64', 1, 'repeated'],
      data_type: ['int32', 2],
      name: ['string', 8],
      raw_data: ['bytes', 9],
    }),
    ValueInfoProto: message({ name: ['string', 1], type: ['TypeProto', 2] }),
    TypeProto: message({ tensor_type: ['TensorTypeProto', 1] }),
    TensorTypeProto: message({ elem_type: ['int32', 1], shape: ['TensorShapeProto', 2] }),
    TensorShapeProto: message({ dim: ['DimensionProto', 1, 'repeated'] }),
    DimensionProto: message({ dim_value: ['int64', 1], dim_param: ['string', 2] }),
  },
};

type Field = readonly [type: string, id: number, rule?: 'repeated'];

function message(fields: Readonly<Record<string, Field>>) {
  const entries = Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule && { rule }) }]);
  return { fields: Object.fromEntries(entries) };
}

export interface OnnxModel {
  readonly ir_version: number;
  readonly producer_name: string;
  readonly doc_string: string;
  readonly graph: OnnxGraph;
  readonly opset_import: readonly { readonly domain: string; readonly version: number }[];
  readonly metadata_props: readonly { readonly key: string; readonly value: string }[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
  readonly input: readonly OnnxValue[];
  readonly output: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly name: string;
  readonly op_type: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

export type OnnxAttribute =
  | { readonly name: string; readonly type: typeof FLOAT_ATTRIBUTE; readonly f: number }
  | { readonly name: string; readonly type: typeof INT; readonly i: number }
  | { readonly name: string; readonly type: typeof INTS; readonly ints: readonly number[] };

/** `AttributeProto.AttributeType`. */
export const FLOAT_ATTRIBUTE = 1;
export const INT = 2;
export const INTS = 7;

/** `TensorProto.DataType`. */
export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const INT32 = 6;

export type OnnxNumbers = Float32Array | Uint8Array | Int8Array | Int32Array;

export interface OnnxTensor {
  readonly name: string;
  readonly data_type: typeof FLOAT | typeof UINT8 | typeof INT8 | typeof INT32;
  readonly dims: readonly number[];
  /** Made when they are written. */
  values(): OnnxNumbers;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: typeof FLOAT;
      /** A size, or the name of one that may differ from call to call. */
      readonly shape: { readonly dim: readonly ({ readonly dim_value: number } | { readonly dim_param: string })[] };
    };
  };
}

const root = protobuf.Root.fromJSON(SCHEMA);
const encode = (type: string, value: object): Uint8Array => root.lookupType(type).encode(value).finish();

/** Numbers of the fields below, which hold nearly all bytes of a file. */
const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;
const METADATA_PROPS = 14;

/** Bytes of an element. */
const SIZES: Readonly<Record<OnnxTensor['data_type'], number>> = {
  [FLOAT]: 4,
  [UINT8]: 1,
  [INT8]: 1,
  [INT32]: 4,
};

/**
 * A model file. A message's fields may be written in any order and apart from one another, so the weights come behind
 * everything else, each as it is written: protobufjs would hold them all, and move them for each length in front of them.
 */
export function encodeOnnx({ graph: { initializer, ...rest }, ...model }: OnnxModel): FileParts {
  const tensors = initializer.map(({ values, ...tensor }) => {
    const bytes = tensor.dims.reduce((product, size) => product * size, SIZES[tensor.data_type]);
    const fields = encode('TensorProto', tensor);
    const raw = prefix(RAW_DATA, bytes);
    const head = [prefix(INITIALIZER, fields.length + raw.length + bytes), fields, raw];
    return { head, values, length: lengthOf(head) + bytes };
  });
  const graph = encode('GraphProto', rest);
  const graphLength = tensors.reduce((sum, { length }) => sum + length, graph.length);
  const head = [encode('ModelProto', model), prefix(GRAPH, graphLength), graph];
  return {
    byteLength: lengthOf(head) + graphLength - graph.length,
    *parts() {
      yield* head;
      for (const tensor of tensors) {
        yield* tensor.head;
        const { buffer, byteOffset, byteLength } = tensor.values();
        yield new Uint8Array(buffer, byteOffset, byteLength);
      }
    },
  };
}

/** Metadata by key, from the first bytes of a model file: what this package writes has it before the graph. */
export function onnxMetadata(bytes: Uint8Array): ReadonlyMap<string, string> {
  const reader = protobuf.Reader.create(bytes);
  const entry = root.lookupType('StringStringEntryProto');
  const found = new Map<string, string>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const whole = reader.pos + lengthAhead(reader, tag) <= reader.len;
    if (!whole) break;
    if (tag >>> 3 !== METADATA_PROPS) {
      reader.skipType(tag & 7);
      continue;
    }
    const { key, value } = entry.decode(reader, reader.uint32()) as unknown as { key: string; value: string };
    found.set(key, value);
  }
  return found;
}

/** Bytes that a field behind its tag takes, where its type says so before they are read. */
function lengthAhead({ pos, buf }: protobuf.Reader, tag: number): number {
  if ((tag & 7) !== 2) return 0;
  const length = protobuf.Reader.create(buf.subarray(pos));
  return length.uint32() + length.pos;
}

/** What stands before a field that holds bytes: its number and wire type 2, and how many there are. */
const prefix = (field: number, length: number): Uint8Array =>
  protobuf.Writer.create()
    .uint32((field << 3) | 2)
    .uint32(length)
    .finish();

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);
