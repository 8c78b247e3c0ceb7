import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { NetworkGraph } from '../../core/contracts/index.js';

/** Debian's packages are the system Python's, which need not be the first on the path. */
const PYTHONS = ['python3', '/usr/bin/python3'];

const imports = (python: string, module: string): boolean => {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** A Python that has a module; absent where none has. */
export const pythonWith = (module: string): string | undefined => PYTHONS.find((python) => imports(python, module));

export const NO_PYTORCH = 'no python3 here has torch (Debian: apt-get install python3-torch)';

export interface Chain {
  /** A safetensors file, which must hold every tensor of the network and no other. */
  readonly file: string;
  /** What each block is in PyTorch, by its node; and what its module and the dense layer are called. */
  readonly kind: (node: string) => string;
  readonly nameOf: (node: string) => string;
  readonly graph: NetworkGraph;
  /** `[N, H, W, C]` */
  readonly images: Float32Array;
}

/** What PyTorch answers: the blocks of a graph one behind the other, each with a ReLU behind, the mean, and a dense layer. */
export function answersOf(python: string, { file, kind, nameOf, graph, images }: Chain): number[] {
  const [height, width, channels] = graph.input;
  const pixels = height * width;
  const count = images.length / (pixels * channels);
  const channelsFirst = Array.from(images, (_, at) => {
    const [image, channel] = [Math.floor(at / (pixels * channels)), Math.floor(at / pixels) % channels];
    return images[(image * pixels + (at % pixels)) * channels + channel];
  });
  const blocks = graph.nodes.flatMap((node) => {
    if (node.kind !== 'block') return [];
    const { name, inChannels: inputs, outChannels: outputs, kernelSize: size, stride, groups } = node;
    return [{ name: nameOf(name), kind: kind(name), inputs, outputs, size, stride, groups }];
  });
  const [dense] = graph.nodes.flatMap((node) => (node.kind === 'dense' ? [node] : []));
  const request = {
    file,
    blocks,
    dense: { name: nameOf(dense?.name ?? ''), inputs: dense?.inputs, outputs: dense?.outputs },
    images: channelsFirst,
    shape: [count, channels, height, width],
  };
  const answer = execFileSync(python, [join('test', 'pytorch', 'chain.py')], { input: JSON.stringify(request) });
  return JSON.parse(answer.toString()) as number[];
}
