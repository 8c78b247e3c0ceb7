import { readFileSync } from 'node:fs';
import test from 'ava';
import { backbones } from '../../../plugins/backbones/index.js';
import { tfjs } from '../../../plugins/exporters/tfjs.js';
import { chromiumPath, NO_BROWSER, startChromium } from '../../browser/chromium.js';
import { serveFiles } from '../../browser/serve.js';
import { relativeError } from '../../golden/cases.js';
import { randomFused, randomImages } from '../../reference/fused-networks.js';
import { naiveOutputs } from '../../reference/naive-forward.js';
import { exported } from './exported.js';

/** TensorFlow.js as pages load it. */
const SCRIPTS = ['core', 'backend-cpu', 'layers', 'converter'].map((name) => `tf-${name}.min.js`);
const PAGE = `<!doctype html><link rel="icon" href="data:,">${SCRIPTS.map((name) => `<script src="/${name}"></script>`).join('')}`;

/** What the page does: loads both models by their addresses and runs them on the same images. */
const PROGRAM = `async ({ shape, data }) => {
  await tf.setBackend('cpu');
  const images = tf.tensor(data, shape);
  const run = async (model) => [...(await model.predict(images).data())];
  return { layers: await run(await tf.loadLayersModel('/layers/model.json')), graph: await run(await tf.loadGraphModel('/graph/model.json')) };
}`;

if (chromiumPath === undefined) test('a real browser', (t) => t.log(`skipped: ${NO_BROWSER}`) ?? t.pass());

for (const backbone of chromiumPath === undefined ? [] : backbones) {
  test.serial(`${backbone.name}: plain TensorFlow.js in a browser computes what the network is`, async (t) => {
    const graph = backbone.build([32, 32, 3], 10, backbone.options.parse({ width: 0.0625 }));
    const network = randomFused(graph);
    const served = new Map<string, Uint8Array>([['index.html', Buffer.from(PAGE)]]);
    for (const script of SCRIPTS) {
      const folder = `node_modules/@tensorflow/${script.replace('tf-', 'tfjs-').replace('.min.js', '')}/dist`;
      served.set(script, readFileSync(`${folder}/${script}`));
    }
    for (const model of ['layers', 'graph'])
      for (const [name, file] of await exported(tfjs, network, { model })) served.set(`${model}/${name}`, file);
    const { origin, close } = await serveFiles((path) => served.get(path));
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${origin}/index.html`);
      const images = randomImages(graph.input, 2);
      const given = { shape: [2, ...graph.input], data: [...images] };
      const { layers, graph: asGraph } = (await page.evaluate(`(${PROGRAM})(${JSON.stringify(given)})`)) as {
        readonly layers: number[];
        readonly graph: number[];
      };
      const expected = naiveOutputs(network, images);
      t.true(relativeError(layers, expected) < 1e-5);
      t.true(relativeError(asGraph, expected) < 1e-5);
    } finally {
      await browser.close();
      close();
    }
  });
}
