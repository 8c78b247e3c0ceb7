import type { ImageSet } from '../../contracts/dataset.js';

/** Images that are in memory as they are read, `[n, height, width, channels]`. */
export function memorySet(pixels: Uint8Array, labels: Int32Array): ImageSet {
  const imageSize = pixels.length / labels.length;
  return {
    size: labels.length,
    labels,
    read: (indices) => {
      const read = new Uint8Array(indices.length * imageSize);
      for (const [i, index] of indices.entries()) {
        read.set(pixels.subarray(index * imageSize, (index + 1) * imageSize), i * imageSize);
      }
      return { pixels: read, labels: pickLabels(labels, indices) };
    },
  };
}

export const pickLabels = (labels: Int32Array, indices: Uint32Array): Int32Array =>
  Int32Array.from(indices, (index) => labels[index] as number);
