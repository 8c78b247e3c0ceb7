import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import { blockEvaluation } from '../../core/reparam/block-forward/choose.js';
import { gradients } from '../../core/engine/index.js';
import { timingOf } from '../../core/app/timing/index.js';
import { none } from '../../plugins/weight-sharing/none.js';
import { layers, prepare } from '../bench-evaluation/layers.js';
import { type Call, calls } from './calls.js';
import { kernelSets } from './kernel-sets.js';

// What the wasm engine computes in another way than TensorFlow.js' WebAssembly backend, before and after: by TensorFlow.js' own
// kernels, or composed of them, or not at all; and blocks, forward and backward, made of all of it.

const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    /** Milliseconds that each side has in a round. */
    time: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
});

interface Row {
  readonly what: string;
  readonly shapes: string;
  /** Medians, in milliseconds; null where TensorFlow.js has no such kernel and nothing to make one of. */
  readonly before: number | null;
  readonly after: number;
  /** after/before */
  readonly ratio: number | null;
  readonly gflopsBefore?: number | null;
  readonly gflopsAfter?: number;
}

const sets = await kernelSets();
const rows: Row[] = [];
const all = calls();
const unseen = sets.replaced.filter((kernel) => !all.some((call) => call.kernel === kernel));
if (unseen.length > 0) throw new Error(`kernels that are replaced and not measured: ${unseen.join(', ')}`);
for (const call of all)
  rows.push(measure(call.kernel, call.shapes, () => runCall(call), sets.isThereBefore(call.kernel), call.macs));
for (const names of [
  ['conv-kxk'],
  ['conv-1x1', 'conv-kxk', 'conv-1x1-kxk', 'conv-1x1-avg', 'conv-1xk', 'conv-kx1', 'identity'],
])
  rows.push(block(names));
const { device } = sets.session;
if (given.json) process.stdout.write(`${JSON.stringify({ device, rows })}\n`);
else process.stdout.write(`${device}\n${tableOf(rows)}\n`);
await sets.session.stop();

function runCall({ kernel, inputs, attributes }: Call): void {
  tf.tidy(() => void tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap));
}

/** A block of VGG-16 at half width, 16x16 pixels, batch 32, computed branch by branch. */
function block(names: readonly string[]): Row {
  const layer = layers(0.5).find(({ side }) => side === 16);
  if (!layer) throw new Error('there is no such layer');
  const { pass, dy } = prepare(layer, names, 32, none);
  const evaluate = blockEvaluation('explicit');
  const parameters = pass.branches.flatMap((branch) => branch.trained()).map((name) => pass.store.get(name));
  const step = (): void => {
    const { value, gradients: found } = gradients(() => evaluate(pass), [pass.x, pass.gates, ...parameters], dy);
    tf.dispose([value, ...found.filter((gradient) => gradient !== undefined)]);
  };
  const what =
    names.length === 1
      ? 'plain block, forward and backward'
      : `block of ${names.length} branches, forward and backward`;
  return measure(what, layer.node.name, step, true);
}

/** In turns, so that what else the machine does meets both alike. */
function measure(what: string, shapes: string, work: () => void, isThereBefore: boolean, macs?: number): Row {
  const times = { before: [] as number[], after: [] as number[] };
  for (let round = 0; round <= Number(given.rounds); round++) {
    for (const side of ['before', 'after'] as const) {
      if (side === 'before' && !isThereBefore) continue;
      if (side === 'before') sets.useBefore();
      else sets.useAfter();
      const began = performance.now();
      let from = began;
      do {
        work();
        const now = performance.now();
        // The first round warms up.
        if (round > 0) times[side].push(now - from);
        from = now;
      } while (from - began < Number(given.time));
    }
  }
  const after = timingOf(times.after).median;
  const before = isThereBefore ? timingOf(times.before).median : null;
  const gflops = (milliseconds: number): number => (2 * (macs ?? 0)) / milliseconds / 1e6;
  return {
    what,
    shapes,
    before,
    after,
    ratio: before === null ? null : after / before,
    ...(macs !== undefined && { gflopsBefore: before === null ? null : gflops(before), gflopsAfter: gflops(after) }),
  };
}

function tableOf(measured: readonly Row[]): string {
  const table = new Table({
    head: ['kernel', 'shapes', 'TensorFlow.js ms', 'here ms', 'ratio', 'GFLOP/s before', 'after'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { what, shapes, before, after, ratio, gflopsBefore, gflopsAfter } of measured)
    table.push([
      what,
      shapes,
      before === null ? 'none' : before.toFixed(2),
      after.toFixed(2),
      ratio === null ? '' : ratio.toFixed(2),
      gflopsBefore?.toFixed(1) ?? '',
      gflopsAfter?.toFixed(1) ?? '',
    ]);
  return table.toString();
}
