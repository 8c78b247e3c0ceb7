/** Mean and deviation of the pixel values, scaled to 0 … 1, for each channel. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** What every byte becomes in every channel, (byte / 255 − mean) / deviation: `[channels, 256]`. */
export function normalisationTable({ mean, deviation }: Normalisation, channels: number): Float32Array {
  if (mean.length !== channels || deviation.length !== channels) {
    throw new Error(
      `the normalisation has ${mean.length} means and ${deviation.length} deviations; expected ${channels} of each, one for each channel`,
    );
  }
  const table = new Float32Array(channels * 256);
  for (let channel = 0; channel < channels; channel++) {
    const centre = mean[channel] as number;
    const spread = deviation[channel] as number;
    if (!(Number.isFinite(centre) && spread > 0 && Number.isFinite(spread))) {
      throw new Error(
        `channel ${channel} has mean ${centre} and deviation ${spread}; expected finite numbers, the deviation above 0`,
      );
    }
    for (let byte = 0; byte < 256; byte++) table[channel * 256 + byte] = (byte / 255 - centre) / spread;
  }
  return table;
}

/** Mean and deviation of images `[n, height, width, channels]`; a channel that is the same everywhere gets deviation 1. */
export function measureNormalisation(pixels: Uint8Array, channels: number): Normalisation {
  const counts = new Float64Array(channels * 256);
  for (let at = 0, channel = 0; at < pixels.length; at++) {
    const bin = channel * 256 + (pixels[at] as number);
    counts[bin] = (counts[bin] as number) + 1;
    channel = channel + 1 === channels ? 0 : channel + 1;
  }
  const moments = Array.from({ length: channels }, (_, channel) =>
    histogramMoments(counts.subarray(channel * 256, (channel + 1) * 256)),
  );
  return { mean: moments.map(({ mean }) => mean), deviation: moments.map(({ deviation }) => deviation || 1) };
}

function histogramMoments(counts: Float64Array): { mean: number; deviation: number } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = counts.reduce((sum, count, byte) => sum + (count * byte) / 255, 0) / total;
  const variance = counts.reduce((sum, count, byte) => sum + count * (byte / 255 - mean) ** 2, 0) / total;
  return { mean, deviation: Math.sqrt(variance) };
}
