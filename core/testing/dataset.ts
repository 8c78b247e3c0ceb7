import fc from 'fast-check';
import { shapeProblem } from '../config/container/shape.js';
import type { Dataset, ImageBatch, ImageSet, OpenDataset } from '../contracts/index.js';
import { createRandomSource } from '../train/random/index.js';
import { expect, forAll, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';

/** With what the laws of a data set are tried. */
export interface DatasetTestOptions {
  /** Options of the data set, as a config writes them. @default {} */
  readonly options?: object;
  /** Folder that relative paths in the options are relative to. @default process.cwd() */
  readonly folder?: string;
  /** Random selections of images that are read. @default 20 */
  readonly runs?: number;
  /** @default 1 */
  readonly seed?: number;
}

const PARTS = ['train', 'test'] as const;

/** Most images that are read at a time. */
const LARGEST = 16;

/**
 * The laws of a data set, each to be run as a test: what it says of itself fits together; every image has the size and a label
 * that it says; an image is the same in any company and order, and after what was read before has been overwritten; opening it
 * twice gives the same.
 */
export function testDataset<Options>(dataset: Dataset<Options>, given: DatasetTestOptions = {}): Law[] {
  const { options, folder = process.cwd(), runs = 20, seed = 1 } = given;
  const law = lawOf(`dataset '${dataset.name}'`);
  const use = async (check: (data: OpenDataset) => void | Promise<void>): Promise<void> => {
    const signal = new AbortController().signal;
    const data = await dataset.open(parsed(dataset, options)(), { folder, warn: () => undefined, signal });
    try {
      await check(data);
    } finally {
      await data.close();
    }
  };
  const overSelections = (
    part: 'train' | 'test',
    data: OpenDataset,
    check: (indices: Uint32Array) => Promise<void>,
  ) => {
    const { size } = data[part];
    const indices = fc.array(fc.nat({ max: size - 1 }), { minLength: 1, maxLength: LARGEST });
    return forAll(
      indices,
      (chosen) => check(Uint32Array.from(chosen)),
      { runs, seed },
      (chosen) => `${part} images ${chosen.join(', ')}`,
    );
  };
  const eachPart = async (check: (part: 'train' | 'test') => Promise<void>): Promise<void> => {
    for (const part of PARTS) await check(part);
  };
  return [
    law('is what the contract of a dataset says', () => {
      const problem = shapeProblem('dataset', dataset);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      parsed(dataset, options)();
    }),
    law('says what fits together: shape, classes, statistics, sizes', () => use(checkFacts)),
    law('gives images of its shape with labels among its classes', () =>
      use((data) =>
        eachPart((part) =>
          overSelections(part, data, async (indices) =>
            checkBatch(data, data[part], indices, await data[part].read(indices)),
          ),
        ),
      ),
    ),
    law('gives an image the same alone and in any company, whatever became of what it gave before', () =>
      use((data) =>
        eachPart((part) =>
          overSelections(part, data, async (indices) => {
            const together = await data[part].read(indices);
            const kept = { pixels: together.pixels.slice(), labels: together.labels.slice() };
            together.pixels.fill(0);
            together.labels.fill(-1);
            for (const [at, index] of indices.entries()) {
              const { pixels, labels } = await data[part].read(Uint32Array.of(index));
              const before = kept.pixels.subarray(at * pixels.length, (at + 1) * pixels.length);
              expect(
                labels[0] === kept.labels[at],
                `image ${index} had label ${kept.labels[at]} and has ${labels[0]} alone`,
              );
              expect(Buffer.compare(before, pixels) === 0, `image ${index} has other pixels alone`);
            }
          }),
        ),
      ),
    ),
    law('draws what it draws from the stream that it is given', () =>
      use((data) =>
        overSelections('train', data, async (indices) => {
          const cropped = (): ImageBatch | Promise<ImageBatch> => {
            const random = createRandomSource(seed);
            return data.train.read(indices, (index) => random.stream('crop', index));
          };
          const [first, second] = [await cropped(), await cropped()];
          expect(Buffer.compare(first.pixels, second.pixels) === 0, 'the same streams give other pixels');
        }),
      ),
    ),
    law('is the same when it is opened again', async () => {
      const read = async (): Promise<Uint8Array> => {
        let pixels = new Uint8Array();
        await use(async ({ train, test }) => {
          const [a, b] = [await train.read(Uint32Array.of(0)), await test.read(Uint32Array.of(0))];
          pixels = Buffer.concat([a.pixels, b.pixels]);
        });
        return pixels;
      };
      expect(Buffer.compare(await read(), await read()) === 0, 'its first images have other pixels');
    }),
  ];
}

function checkFacts({ shape, classes, mean, deviation, train, test }: OpenDataset): void {
  const whole = shape.length === 3 && shape.every((size) => Number.isInteger(size) && size > 0);
  expect(whole, `its shape is [${shape}]; expected height, width and channels`);
  expect(classes.length >= 2, `it has ${classes.length} classes; expected at least two`);
  expect(new Set(classes).size === classes.length, 'two of its classes have one name');
  for (const [name, values] of Object.entries({ mean, deviation })) {
    const range = values.every((value) => value >= 0 && value <= 1) && values.length === shape[2];
    expect(range, `its ${name} is [${values}]; expected ${shape[2]} numbers from 0 to 1, one for each channel`);
  }
  expect(
    deviation.every((value) => value > 0),
    `its deviation is [${deviation}]; expected numbers above 0`,
  );
  for (const [name, { size, labels }] of Object.entries({ train, test })) {
    expect(Number.isInteger(size) && size > 0, `its ${name} part has ${size} images`);
    expect(
      labels === undefined || labels.length === size,
      `its ${name} part has ${labels?.length} labels for ${size} images`,
    );
  }
}

function checkBatch(
  { shape, classes }: OpenDataset,
  set: ImageSet,
  indices: Uint32Array,
  { pixels, labels }: ImageBatch,
): void {
  const expected = indices.length * shape[0] * shape[1] * shape[2];
  expect(pixels instanceof Uint8Array, `its pixels are no Uint8Array but ${Object.prototype.toString.call(pixels)}`);
  expect(
    pixels.length === expected,
    `it gives ${pixels.length} values for ${indices.length} images; expected ${expected}`,
  );
  expect(labels.length === indices.length, `it gives ${labels.length} labels for ${indices.length} images`);
  for (const [at, index] of indices.entries()) {
    const label = labels[at] as number;
    const known = Number.isInteger(label) && label >= 0 && label < classes.length;
    expect(known, `image ${index} has label ${label}; expected 0 to ${classes.length - 1}`);
    const listed = set.labels?.[index] ?? label;
    expect(listed === label, `image ${index} has label ${label}, and ${listed} in the list of labels`);
  }
}
