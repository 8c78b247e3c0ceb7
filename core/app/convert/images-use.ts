import type { Exporter, FusedNetwork, OpenModel } from '../../contracts/exporter.js';
import type { RandomSource } from '../../contracts/random.js';
import type { CheckImages } from '../../io/export/check.js';
import type { FusedModel } from '../../reparam/network/fuse.js';
import { accuracyOf, type Evaluation, evaluate } from '../../train/evaluate.js';
import type { ExpectedAnswers } from './expected.js';
import type { RealImages } from './real-images.js';

/** Real images that a network is compared on as it was trained and fused, and an export with the network. */
export const COMPARED = 8;

/** Training images that rounded formats are fitted to. */
const CALIBRATION = 256;

/** What a conversion does with images. */
export interface ImagesUse {
  /** Whether they are random numbers. */
  readonly random: boolean;
  /** For people. */
  readonly notes: readonly string[];
  /** Images that an export is run on. */
  check(format: Exporter): AsyncIterable<CheckImages>;
  /** Absent where there is nothing to fit numbers to. */
  calibration?(): AsyncIterable<CheckImages>;
  /** Accuracy of the fused network, measured once, and of what was exported. Absent where the images' labels are not the network's. */
  accuracy?(): Promise<Evaluation>;
  accuracyOf?(infer: OpenModel['infer']): Promise<number>;
}

/** Height and width that are enough for every kind of pixel, border or not, in each stage of the networks that are known. */
const CHECKED_SIZE = 96;

export const randomUse = (network: FusedNetwork, random: RandomSource): ImagesUse => ({
  random: true,
  notes: ['checked on random images, since none were given (--data)'],
  check: (format) => randomImage(network, format, random),
});

/** The images whose answers were given. */
export const expectedUse = ({ images, count: size, height, width }: ExpectedAnswers): ImagesUse => ({
  random: false,
  notes: [],
  async *check() {
    yield { images, size, height, width };
  },
});

async function* randomImage(
  network: FusedNetwork,
  format: Exporter,
  random: RandomSource,
): AsyncGenerator<CheckImages> {
  const any = format.readsAnySize?.(network) ?? false;
  const [full, wide, channels] = network.graph.input;
  const [height, width] = any ? [Math.min(full, CHECKED_SIZE), Math.min(wide, CHECKED_SIZE)] : [full, wide];
  const stream = random.stream('convert:image');
  const images = Float32Array.from({ length: height * width * channels }, () => stream.normal());
  yield { images, size: 1, height, width };
}

/** @param count test images that accuracy is measured on */
export function realUse(model: FusedModel, images: RealImages, count: number): ImagesUse {
  const { graph, metadata } = model.network;
  const some = (of: 'train' | 'test', most: number) => images.some(of, most, metadata.normalisation);
  const common = {
    random: false,
    check: () => some('test', COMPARED),
    calibration: () => some('train', CALIBRATION),
  };
  if (images.classes.length !== graph.classes) {
    const note = `no accuracy: the images are of ${images.classes.length} classes, the network names ${graph.classes}`;
    return { ...common, notes: [note] };
  }
  let measured: Promise<Evaluation> | undefined;
  return {
    ...common,
    notes: [],
    accuracy: () => (measured ??= evaluate((batch) => model.infer(batch), graph.input, some('test', count))),
    accuracyOf: (infer) => accuracyOf(infer, graph.input, some('test', count)),
  };
}
