import type { BinnedImages, ImageSample, PaddedImages } from './image-sample.js';

/**
 * How much each pixel under a KxK kernel has to do with the one in the middle: normalised mutual information of the two over
 * all positions, contrast-adjusted by k and averaged over the channels (SGS, arXiv 2303.02733, section 3.3). `[K²]` in row
 * order, 1 in the middle, the same for opposite taps. With the diagonal removed, as the released code does on ImageNet, pairs of
 * which one is zero do not count, the others have bins of their own, and those in one bin on both axes do not count either.
 */
export function tapDependence(sample: ImageSample, k: number, diagonal: 'kept' | 'removed' = 'kept'): Float64Array {
  const size = sample.kernelSize;
  const between = diagonal === 'kept' ? ofAll(sample.binned(), k) : ofUnequal(sample.padded(), k);
  const middle = (size * size) >> 1;
  const dependence = new Float64Array(size * size).fill(1);
  for (let tap = 0; tap < middle; tap++) {
    const [down, right] = [Math.floor(tap / size) - (size >> 1), (tap % size) - (size >> 1)];
    const value = between(-down, -right);
    dependence[tap] = value;
    dependence[size * size - 1 - tap] = value;
  }
  return dependence;
}

/** The dependence of pixels at a distance; `down` is not negative. */
type Between = (down: number, right: number) => number;

const ofAll =
  (images: BinnedImages, k: number): Between =>
  (down, right) =>
    meanInformation(pairCounts(images, down, right), images.bins, k);

const contrast = (information: number, k: number): number => (k * information) / ((k - 1) * information + 1);

/** Of pairs of unequal values that are not zero: the mean over the channels, of which one without such pairs counts nothing. */
const ofUnequal =
  (images: PaddedImages, k: number): Between =>
  (down, right) => {
    const channels = images.shape[3];
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const [a, b] = nonZeroPairs(images, channel, down, right);
      const bins = 1 + Math.ceil(Math.log2(Math.max(1, a.length)));
      const [ofA, ofB] = [binsOf(a, bins), binsOf(b, bins)];
      const joint = new Float64Array(bins * bins);
      for (const [at, bin] of ofA.entries()) {
        const other = ofB[at] as number;
        if (bin !== other) joint[bin * bins + other] = (joint[bin * bins + other] as number) + 1;
      }
      sum += contrast(normalisedInformation(joint, bins) ?? 0, k);
    }
    return sum / channels;
  };

/** The values of both pixels, where neither is zero. */
function nonZeroPairs(
  { shape: [images, height, width, channels], data }: PaddedImages,
  channel: number,
  down: number,
  right: number,
): readonly [number[], number[]] {
  const [a, b]: [number[], number[]] = [[], []];
  const distance = (down * width + right) * channels;
  for (let line = 0; line < images * height; line++) {
    if ((line % height) + down >= height) continue;
    for (let column = Math.max(0, -right); column < width - Math.max(0, right); column++) {
      const at = (line * width + column) * channels + channel;
      const [one, other] = [data[at] as number, data[at + distance] as number];
      if (one === 0 || other === 0) continue;
      a.push(one);
      b.push(other);
    }
  }
  return [a, b];
}

/** Bins of equal width between the lowest and the highest value. */
function binsOf(values: readonly number[], bins: number): number[] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((greatest, value) => Math.max(greatest, value), Number.NEGATIVE_INFINITY);
  const width = high - low + 1e-12;
  return values.map((value) => Math.min(bins - 1, Math.floor(((value - low) / width) * bins)));
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
    sum += contrast(information, k);
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
