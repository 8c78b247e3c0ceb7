import { createRequire } from 'node:module';
import type { ImagesShape, OpenModel, OpenUse, Unavailable } from '../../core/contracts/index.js';

/** A model file in onnxruntime-node, which people install beside this package. */
export async function openInOnnxRuntime(
  path: string,
  { often = false }: OpenUse = {},
): Promise<OpenModel | Unavailable> {
  const runtime = await load();
  if ('unavailable' in runtime) return runtime;
  const { ort, version } = runtime;
  const session = await ort.InferenceSession.create(path, {
    // 'all' lays the weights out anew for the processor: on a large network that takes seconds, and as much memory again.
    graphOptimizationLevel: often ? 'all' : 'basic',
  });
  const [input, output] = [session.inputNames[0] as string, session.outputNames[0] as string];
  const feed = (images: Float32Array, shape: ImagesShape) => {
    const [count, height, width, channels] = shape;
    return { [input]: new ort.Tensor('float32', channelsFirst(images, shape), [count, channels, height, width]) };
  };
  return {
    program: `${PACKAGE} ${version}`,
    infer: async (images, shape) => {
      const result = await session.run(feed(images, shape));
      return result[output]?.data as Float32Array;
    },
    ready: (images, shape) => {
      const laidOut = feed(images, shape);
      return () => session.run(laidOut);
    },
    close: async () => {
      await session.release();
    },
  };
}

/** What both packages have in common; the declarations of onnxruntime-node are not found by all versions of TypeScript. */
type Runtime = Pick<typeof import('onnxruntime-web'), 'InferenceSession' | 'Tensor'>;

const PACKAGE = 'onnxruntime-node';

async function load(): Promise<{ readonly ort: Runtime; readonly version: string } | Unavailable> {
  try {
    const { version } = createRequire(import.meta.url)(`${PACKAGE}/package.json`) as { version: string };
    return { ort: (await import(PACKAGE)) as Runtime, version };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
    const reason = missing ? 'is not installed' : `cannot be loaded (${message.split('\n')[0]})`;
    return { unavailable: `${PACKAGE} ${reason}; npm install ${PACKAGE}` };
  }
}

/** `[N, H, W, C]` to `[N, C, H, W]`. */
function channelsFirst(images: Float32Array, [count, height, width, channels]: ImagesShape) {
  const result = new Float32Array(images.length);
  const pixels = height * width;
  for (let image = 0, from = 0; image < count; image++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++, from++)
        result[(image * channels + channel) * pixels + pixel] = images[from] as number;
    }
  }
  return result;
}
