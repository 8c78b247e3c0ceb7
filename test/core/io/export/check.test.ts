import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Exporter, FusedNetwork, NetworkGraph } from '../../../../core/contracts/index.js';
import { checkExport } from '../../../../core/io/export/check.js';
import type { ExportChecked } from '../../../../core/contracts/exporter.js';
import { ExportError } from '../../../../core/io/export/error.js';
import { checkInWords } from '../../../../core/io/export/words.js';
import { writeChecked } from '../../../../core/io/files/index.js';
import { FusedModel } from '../../../../core/reparam/network/fuse.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { exporters } from '../../../../plugins/exporters/index.js';
import { onnx } from '../../../../plugins/exporters/onnx.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { GRAPHS, randomFused, randomImages } from '../../../reference/fused-networks.js';

const graph = GRAPHS['residuals with both shortcuts, padded pools'] as NetworkGraph;
const network = randomFused(graph);

test.before(async () => {
  await cpu.start({});
});

/** Writes a network with an exporter, checks it against `network`, and gives what came of it. */
async function written(t: ExecutionContext, definition: Exporter, exported: FusedNetwork) {
  const path = join(temporaryFolder(t), 'model');
  const options = definition.options.parse({});
  const files = await definition.export(exported, options);
  const model = new FusedModel(network);
  const images = async function* () {
    yield { images: randomImages(graph.input, 5), size: 5 };
    yield { images: randomImages(graph.input, 2, 2), size: 2 };
  };
  let checked: ExportChecked | undefined;
  const done = writeChecked(path, files, async (folder) => {
    checked = await checkExport({ exporter: { definition, options }, folder, model, images });
  });
  return { path, done, checked: () => checked };
}

for (const exporter of exporters.filter(({ open }) => open)) {
  test.serial(`${exporter.name}: a program that reads it answers as the network does`, async (t) => {
    const { path, done, checked } = await written(t, exporter, network);
    await done;
    const found = checked();
    if (!found || !('check' in found)) return t.fail(JSON.stringify(found));
    t.is(found.check.images, 7);
    t.is(found.check.argmaxAgreement, 1);
    t.true(found.check.relativeError < 1e-5);
    t.true(readdirSync(path).length > 0);
  });

  test.serial(`${exporter.name}: a model that computes something else is refused and not put in place`, async (t) => {
    const other = structuredClone(network) as FusedNetwork;
    const bias = other.convolutions.get('b.shortcut')?.bias as Float32Array;
    bias[0] = (bias[0] ?? 0) + 0.01;
    const { path, done } = await written(t, exporter, other);
    await t.throwsAsync(done, { instanceOf: ExportError, message: /computes something else: relative error/ });
    t.false(existsSync(path));
    t.deepEqual(readdirSync(join(path, '..')), []);
  });
}

test.serial(
  'without the program an export is written and said to be unchecked; one that rounds is refused',
  async (t) => {
    const without: Exporter = { ...onnx, open: async () => ({ unavailable: 'it is not installed' }) };
    const plain = await written(t, without, network);
    await plain.done;
    t.deepEqual(plain.checked(), { unchecked: 'it is not installed' });
    t.is(checkInWords({ unchecked: 'it is not installed' }), 'not run by another program: it is not installed');
    const rounding = await written(t, { ...without, rounds: () => true }, network);
    await t.throwsAsync(rounding.done, {
      instanceOf: ExportError,
      message: /cannot be measured here: it is not installed/,
    });
  },
);
