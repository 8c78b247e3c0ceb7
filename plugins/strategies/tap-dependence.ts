import type { BinnedImages, ImageSample } from './image-sample.js';

/**
 * How much each pixel under a KxK kernel has to do with the one in the middle: normalised mutual information of the two over
 * all positions, contrast-adjusted by k and averaged over the channels (SGS, arXiv 2303.02733, section 3.3). `[K²]` in row
 * order, 1 in the middle, the same for opposite taps.
 */
export function tapDependence(sample: ImageSample, k: number): Float64Array {
  const size = sample.kernelSize;
  const images = sample.binned();
  const middle = (size * size) >> 1;
  const dependence = new Float64Array(size * size).fill(1);
  for (let tap = 0; tap < middle; tap++) {
    const [down, right] = [Math.floor(tap / size) - (size >> 1), (tap % size) - (size >> 1)];
    const value = meanInformation(pairCounts(images, -down, -right), images.bins, k);
    dependence[tap] = value;
    dependence[size * size - 1 - tap] = value;
  }
  return dependence;
}

/** Of every channel: how often bin a stands `down` and `right` of bin b, `[C, bins, bins]`. `down` is not negative. */
function pairCounts(
  { shape: [images, height, width, channels], bins, data }: BinnedImages,
  down: number,
  right: number,
): Float64Array {
  const counts = new Float64Array(channels * bins * bins);
  const distance = (down * width + right) * channels;
  const [from, to] = [Math.max(0, -right), width - Math.max(0, right)];
  for (let line = 0; line < images * height; line++) {
    if ((line % height) + down >= height) continue;
    for (let at = (line * width + from) * channels; at < (line * width + to) * channels; at++) {
      const pair = (data[at] as number) * bins + (data[at + distance] as number);
      const place = (at % channels) * bins * bins + pair;
      counts[place] = (counts[place] as number) + 1;
    }
  }
  return counts;
}

/** Mean over the channels that vary; 1, as in the middle, where none does and nothing can be told apart. */
function meanInformation(counts: Float64Array, bins: number, k: number): number {
  let sum = 0;
  let channels = 0;
  for (let at = 0; at < counts.length; at += bins * bins) {
    const information = normalisedInformation(counts.subarray(at, at + bins * bins), bins);
    if (information === undefined) continue;
    sum += (k * information) / ((k - 1) * information + 1);
    channels++;
  }
  return channels === 0 ? 1 : sum / channels;
}

/** (H(X) + H(Y) − H(X, Y)) / H(X, Y) of a joint histogram; undefined where nothing varies. */
function normalisedInformation(joint: Float64Array, bins: number): number | undefined {
  const [x, y] = [new Float64Array(bins), new Float64Array(bins)];
  for (const [at, count] of joint.entries()) {
    const [a, b] = [Math.floor(at / bins), at % bins];
    x[a] = (x[a] as number) + count;
    y[b] = (y[b] as number) + count;
  }
  const together = entropy(joint);
  return together > 0 ? (entropy(x) + entropy(y) - together) / together : undefined;
}

function entropy(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => (count > 0 ? sum - (count / total) * Math.log2(count / total) : sum), 0);
}
