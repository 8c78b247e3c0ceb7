import { join } from 'node:path';
import { z } from 'zod';
import { defineExporter } from '../../core/contracts/index.js';
import { openRegular, parseJson, readExactly } from '../../core/io/files/index.js';
import { anySize, float32, onnxGraph } from './onnx-graph.js';
import { int8 } from './onnx-int8.js';
import { openInOnnxRuntime } from './onnx-runtime.js';
import { encodeOnnx, onnxMetadata } from './onnx-schema.js';

/** The newest operators in use here are from 17, whose models have this version of the file format. */
const OPSET = 17;
const IR_VERSION = 8;

const FILE = 'model.onnx';

const image = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);

/** What holds the metadata, which stand before the weights. */
const HEAD = 2 ** 20;

/** From the metadata; other programs' files have none. */
async function imageOf(path: string) {
  const file = await openRegular(path);
  const { size } = await file.stat();
  const head = await readExactly(file, path, 0, Math.min(size, HEAD), 'its head').finally(() => file.close());
  const found = onnxMetadata(head).get('image');
  const parsed = found === undefined ? undefined : image.safeParse(parseJson(Buffer.from(found), path));
  return parsed?.success ? { image: parsed.data } : {};
}

/** Protobuf messages are smaller than 2 GiB. */
const LARGEST = 2 ** 31 - 1;

/**
 * A plain ONNX graph: Conv, Relu, MaxPool, AveragePool, GlobalAveragePool, Flatten, Gemm, Add. It reads normalised images
 * `[N, C, H, W]` as `input` and gives logits `[N, classes]`. Metadata holds
 * the image's size, classes, normalisation, architecture and certificate as JSON.
 */
export const onnx = defineExporter({
  name: 'onnx',
  summary: `ONNX, opset ${OPSET}`,
  options: z.strictObject({
    precision: z
      .enum(['float32', 'int8'])
      .default('float32')
      .describe('int8: static quantisation, fitted to training images; the accuracy it costs is measured and reported'),
  }),
  readsAnySize: ({ graph }) => anySize(graph),
  rounds: ({ precision }) => precision === 'int8',
  export: async (network, { precision }, { ranges } = {}) => {
    if (precision === 'int8' && !ranges)
      throw new Error(
        "exporter onnx: precision is 'int8', but there are no images to fit it to; export a finished run, or give images (--data) with a checkpoint",
      );
    const file = encodeOnnx({
      ir_version: IR_VERSION,
      producer_name: 'repnas',
      doc_string: 'Reads (pixel / 255 - mean) / deviation, with mean and deviation from the metadata; gives logits.',
      graph: onnxGraph(network, precision === 'int8' && ranges ? int8(await ranges()) : float32),
      opset_import: [{ domain: '', version: OPSET }],
      metadata_props: Object.entries({ image: network.graph.input, ...network.metadata }).map(([key, value]) => ({
        key,
        value: JSON.stringify(value),
      })),
    });
    if (file.byteLength > LARGEST)
      throw new Error(
        `exporter onnx: the network takes ${file.byteLength} bytes; an ONNX file holds at most ${LARGEST}`,
      );
    return new Map([[FILE, file]]);
  },
  open: async (folder, _, use) => {
    const path = join(folder, FILE);
    const opened = await openInOnnxRuntime(path, use);
    return 'unavailable' in opened || !use?.often ? opened : { ...opened, ...(await imageOf(path)) };
  },
});
