import type { ImportedBranch } from './branch.js';

/** The branch op that a branch is, by its layers. */
export function branchOpName({ layers }: ImportedBranch, kernelSize: number): string {
  const kernels = layers.flatMap((layer) =>
    layer.kind === 'convolution' ? [layer.convolution.kernel.shape.slice(0, 2)] : [],
  );
  if (layers.some(({ kind }) => kind === 'average')) return 'conv-1x1-avg';
  if (kernels.length > 1) return 'conv-1x1-kxk';
  const [[height = 1, width = 1] = []] = kernels;
  if (kernels.length === 0) return 'identity';
  if (height === kernelSize && width === kernelSize) return 'conv-kxk';
  if (height === 1 && width === 1) return 'conv-1x1';
  return height === 1 ? 'conv-1xk' : 'conv-kx1';
}
