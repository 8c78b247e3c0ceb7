import { join } from 'node:path';
import { z } from 'zod';
import { defineExporter } from '../../core/contracts/index.js';
import { onnxGraph } from './onnx-graph.js';
import { openInOnnxRuntime } from './onnx-runtime.js';
import { encodeOnnx } from './onnx-schema.js';

/** The newest operators in use here are from 17, whose models have this version of the file format. */
const OPSET = 17;
const IR_VERSION = 8;

const FILE = 'model.onnx';

/** Protobuf messages are smaller than 2 GiB. */
const LARGEST = 2 ** 31 - 1;

/**
 * A plain ONNX graph: Conv, Relu, MaxPool, AveragePool, GlobalAveragePool, Flatten, Gemm, Add. It reads normalised images
 * `[N, C, H, W]` as `input` and gives logits `[N, classes]`. Metadata holds classes, normalisation, architecture and certificate as JSON.
 */
export const onnx = defineExporter({
  name: 'onnx',
  summary: `ONNX, opset ${OPSET}`,
  options: z.strictObject({}),
  export: async (network) => {
    const file = encodeOnnx({
      ir_version: IR_VERSION,
      producer_name: 'repnas',
      doc_string: 'Reads (pixel / 255 - mean) / deviation, with mean and deviation from the metadata; gives logits.',
      graph: onnxGraph(network),
      opset_import: [{ domain: '', version: OPSET }],
      metadata_props: Object.entries(network.metadata).map(([key, value]) => ({ key, value: JSON.stringify(value) })),
    });
    if (file.byteLength > LARGEST)
      throw new Error(
        `exporter onnx: the network takes ${file.byteLength} bytes; an ONNX file holds at most ${LARGEST}`,
      );
    return new Map([[FILE, file]]);
  },
  open: (folder) => openInOnnxRuntime(join(folder, FILE)),
});
