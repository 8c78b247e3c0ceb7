import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import sharp from 'sharp';
import { createRandomSource } from '../../core/train/random/index.js';
import { createRun } from '../../core/run/run.js';
import { temporaryFolder } from '../plugins/datasets/temporary.js';
import { comparisonPresets, entrantsOf, isRecipe, isToy, runPresets, standIn } from './fit.js';

/** A few steps a phase: that everything works together is the question, not what comes out. */
const SHORT = ['train.epochs={"warmUp":1,"search":1,"frozen":1}', 'train.batchSize=16', 'observers=[]'];

const CLASSES = ['ant', 'bee', 'cow'];

/** A folder of images in ImageNet's layout: noise around a colour for each class. */
async function imageFolder(t: ExecutionContext): Promise<string> {
  const folder = await temporaryFolder(t);
  const [width, height, channels] = [50, 40, 3] as const;
  for (const [part, count] of [
    ['train', 11],
    ['val', 4],
  ] as const) {
    for (const [label, name] of CLASSES.entries()) {
      await mkdir(join(folder, part, name), { recursive: true });
      for (let index = 0; index < count; index++) {
        const noise = createRandomSource(label).stream(part, index);
        const pixels = Uint8ClampedArray.from(
          { length: width * height * channels },
          () => 60 + 60 * label + (20 + index) * noise.normal(),
        );
        await sharp(pixels, { raw: { width, height, channels } })
          .jpeg()
          .toFile(join(folder, part, name, `${index}.JPEG`));
      }
    }
  }
  return folder;
}

/** Runs a config of few steps; ImageNet's toys on files, the others on patterns. */
async function run(t: ExecutionContext, source: string | object, name: string, images: string) {
  const data = name.startsWith('imagenet') ? `dataset.path=${JSON.stringify(images)}` : `dataset=${standIn(name)}`;
  const set = [...SHORT, data, `out=${JSON.stringify(await temporaryFolder(t))}`];
  const { main, baseline } = await createRun(source, { set, interactive: false }).done;
  t.true(main.certificate.passed && (baseline?.certificate.passed ?? true));
  return main;
}

for (const name of runPresets.filter((name) => isToy(name) && !isRecipe(name))) {
  test.serial(`repnas:${name} runs from its first step to its export`, async (t) => {
    await run(t, `repnas:${name}`, name, await imageFolder(t));
  });
}

for (const name of comparisonPresets.filter(isToy)) {
  test.serial(`every entrant of the comparison ${name} runs, and keeps to its budget`, async (t) => {
    const images = await imageFolder(t);
    for (const [entrant, config] of await entrantsOf(name)) {
      const main = await run(t, config, name, images);
      const kept = Object.values(main.architecture).reduce((sum, branches) => sum + branches.length, 0);
      const budget = (config as { extends: [unknown, { budget?: { branches: number } }] }).extends[1].budget;
      if (budget) t.is(kept, budget.branches, entrant);
    }
  });
}
