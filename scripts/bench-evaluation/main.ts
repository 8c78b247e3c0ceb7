import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import { blockEvaluation, choose, estimates, type Method } from '../../core/reparam/block-forward/choose.js';
import { gradients, kernelCosts, timeOf, type Work } from '../../core/engine/index.js';
import { startEngine } from '../../core/run/engine.js';
import { engines } from '../../plugins/engines/index.js';
import { weightSharings } from '../../plugins/weight-sharing/index.js';
import { fitCosts } from './fit.js';
import { type Layer, layers, prepare } from './layers.js';

// Each method of computing a block, forward and backward, on each layer of VGG-16: what the cost model predicts, what is measured,
// and whether `auto` takes the fastest.

const BRANCHES: Readonly<Record<string, readonly string[]>> = {
  plain: ['conv-kxk'],
  dbb: ['conv-1x1', 'conv-kxk', 'conv-1x1-kxk', 'conv-1x1-avg'],
  kept: ['conv-kxk', 'conv-1xk'],
  all7: ['conv-1x1', 'conv-kxk', 'conv-1x1-kxk', 'conv-1x1-avg', 'conv-1xk', 'conv-kx1', 'identity'],
};

const { values: given } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onednn' },
    branches: { type: 'string', default: 'all7' },
    sharing: { type: 'string', default: 'none' },
    width: { type: 'string', default: '0.25' },
    batch: { type: 'string', default: '64' },
    runs: { type: 'string', default: '7' },
    threads: { type: 'string' },
    /** Time of the processor instead of the clock: for one thread on a busy machine. */
    cpu: { type: 'boolean', default: false },
    layer: { type: 'string' },
    fit: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

interface Row {
  readonly layer: string;
  readonly times: number;
  readonly method: Method | 'plain';
  readonly predicted: number;
  readonly measured: number;
  readonly peakMiB: number;
  readonly chosen: boolean;
}

const one = <T extends { readonly name: string }>(all: readonly T[], name: string, what: string): T => {
  const found = all.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`there is no ${what} '${name}'; expected ${all.map((part) => part.name).join(', ')}`);
  return found;
};

const engine = one(engines, given.engine, 'engine');
const sharing = one(weightSharings, given.sharing, 'weight sharing');
const names = BRANCHES[given.branches];
if (!names) throw new Error(`there are no branches '${given.branches}'; expected ${Object.keys(BRANCHES).join(', ')}`);
const { session } = await startEngine([
  { definition: engine, options: engine.options.parse(given.threads ? { threads: Number(given.threads) } : {}) },
]);
const costs = kernelCosts(session.backend);
const samples: { work: Work; milliseconds: number }[] = [];
const rows: Row[] = [];
const measured = layers(Number(given.width)).filter(({ node }) => !given.layer || node.name === given.layer);
for (const layer of measured) rows.push(...(await measure(layer)));
await session.stop();
report();

async function measure(layer: Layer): Promise<Row[]> {
  const plain = prepare(layer, ['conv-kxk'], Number(given.batch), sharing);
  const block = prepare(layer, names ?? [], Number(given.batch), sharing);
  const chosen = choose(block.pass, 'time', session.backend);
  const candidates = [
    { method: 'plain' as const, ...plain, estimate: estimates(plain.pass).get('explicit') },
    ...[...estimates(block.pass)].map(([method, estimate]) => ({ method, ...block, estimate })),
  ];
  const times = candidates.map((): number[] => []);
  const peaks: number[] = [];
  // In turns, so that what else the machine does meets all alike.
  for (let run = 0; run <= Number(given.runs); run++) {
    for (const [index, { method, pass, dy }] of candidates.entries()) {
      session.resetPeak();
      const before = session.memory().bytes;
      const milliseconds = await step(method === 'plain' ? 'explicit' : method, pass, dy);
      peaks[index] = (session.memory().peakBytes - before) / 2 ** 20;
      if (run > 0) times[index]?.push(milliseconds);
    }
  }
  for (const { pass, dy } of [plain, block]) {
    pass.store.dispose();
    tf.dispose([pass.x, pass.gates, dy]);
  }
  return candidates.map(({ method, estimate }, index) => {
    const measured = median(times[index] ?? []);
    if (estimate) samples.push({ work: estimate.work, milliseconds: measured });
    return {
      layer: layer.node.name,
      times: layer.times,
      method,
      predicted: estimate ? timeOf(estimate.work, costs) / 1e6 : Number.NaN,
      measured,
      peakMiB: peaks[index] ?? 0,
      chosen: method === chosen,
    };
  });
}

async function step(method: Method, pass: ReturnType<typeof prepare>['pass'], dy: tf.Tensor): Promise<number> {
  const { node, x, gates, store } = pass;
  const parameters = pass.branches.flatMap((branch) => branch.trained()).map((name) => store.get(name));
  const watched = [...(node.input === 'input' ? [] : [x]), gates, ...new Set<tf.Tensor>(parameters)];
  const evaluate = blockEvaluation(method);
  const began = now();
  const { value, gradients: found } = gradients(() => evaluate(pass), watched, dy);
  await gates.data();
  await found.at(-1)?.data();
  const milliseconds = now() - began;
  tf.dispose([value, ...found.filter((gradient) => gradient !== undefined)]);
  return milliseconds;
}

function report(): void {
  const sum = (pick: (row: Row) => boolean, of: (row: Row) => number) =>
    rows.filter(pick).reduce((total, row) => total + of(row) * row.times, 0);
  const best = new Map<string, number>();
  for (const { layer, method, measured } of rows)
    if (method !== 'plain') best.set(layer, Math.min(measured, best.get(layer) ?? Number.POSITIVE_INFINITY));
  const totals = {
    plain: sum(
      ({ method }) => method === 'plain',
      ({ measured }) => measured,
    ),
    explicit: sum(
      ({ method }) => method === 'explicit',
      ({ measured }) => measured,
    ),
    auto: sum(
      ({ chosen }) => chosen,
      ({ measured }) => measured,
    ),
    best: measured.reduce((total, { node, times }) => total + times * (best.get(node.name) ?? 0), 0),
  };
  const fitted = given.fit ? { fitted: fitCosts(samples) } : {};
  if (given.json) {
    process.stdout.write(
      `${JSON.stringify({ engine: given.engine, device: session.device, branches: given.branches, sharing: given.sharing, rows, totals, ...fitted })}\n`,
    );
    return;
  }
  const table = new Table({
    head: ['layer', 'method', 'predicted ms', 'measured ms', 'peak MiB', ''],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const marks = [row.chosen ? 'auto' : '', row.measured === best.get(row.layer) ? 'fastest' : ''];
    table.push([
      `${row.times} x ${row.layer}`,
      row.method,
      row.predicted.toFixed(1),
      row.measured.toFixed(1),
      row.peakMiB.toFixed(1),
      marks.join(' ').trim(),
    ]);
  }
  process.stdout.write(
    `${session.device}; branches ${given.branches}, sharing ${given.sharing}\n${table.toString()}\n`,
  );
  process.stdout.write(
    `blocks of the network: plain ${totals.plain.toFixed(0)} ms, explicit ${totals.explicit.toFixed(0)} (${(totals.explicit / totals.plain).toFixed(2)}x), auto ${totals.auto.toFixed(0)} (${(totals.auto / totals.plain).toFixed(2)}x), fastest method each ${totals.best.toFixed(0)}\n`,
  );
  if (fitted.fitted) process.stdout.write(`costs that fit best: ${JSON.stringify(fitted.fitted)}\n`);
}

function now(): number {
  if (!given.cpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
