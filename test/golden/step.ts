import * as tf from '@tensorflow/tfjs-core';
import type { ExecutionContext } from 'ava';
import type { NetworkGraph } from '../../core/contracts/index.js';
import { activeBranches, gatesOf } from '../../core/reparam/network/gates.js';
import { Supernet } from '../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../core/train/random/index.js';
import { createOptimizer } from '../../core/train/optimizers/index.js';
import { forwardBackward } from '../../core/train/step.js';
import { logisticRanking } from '../../plugins/importance-estimators/logistic-ranking.js';
import { highest } from '../../plugins/strategies/top-mask.js';
import { weightSharings } from '../../plugins/weight-sharing/index.js';
import { type BranchSource, golden, statesOf } from './block.js';
import { chosenOp, close, expected } from './blocks.js';
import { type GoldenParams, relativeL2, type StepCase, toOurs } from './cases.js';
import { repnasSource } from './sources.js';

/** The released code's branches in the order of its columns; identity is always kept. */
const COLUMNS = ['Conv_1x1', 'AvgPoolBN', 'Conv_3x3', 'Conv_1x1_3x3', 'Conv_1x3', 'Conv_3x1'];

const block = (at: number): string => `features.${at}`;

/** One search step of a whole supernet: mask, logits, loss, every gradient, and everything after the optimisers' step. */
export async function checkStep(t: ExecutionContext, reference: StepCase): Promise<void> {
  const { supernet, sources } = build(reference);
  const spaces = spacesOf(reference, sources);
  const gates = gatesOf(spaces);
  const budget = Math.floor(reference.constraint * gates.length);
  const importance = logisticRanking.start(
    gates,
    {
      learningRate: reference.adam.lr,
      travel: false,
      noise: 1,
      betas: [...reference.adam.betas] as [number, number],
      epsilon: 1e-8,
      weightDecay: reference.adam.weightDecay,
    },
    createRandomSource(0),
  );
  const alphas = Float64Array.from(golden(reference.params, 'alphas').data);
  const empty = importance.save();
  importance.restore({ ...empty, arrays: { ...empty.arrays, alpha: alphas } });
  const draws = reference.uniformNoise.flatMap(({ data }) => data);
  const source = createRandomSource(0).stream('unused');
  let drawn = 0;
  const ranks = importance.rank({ ...source, uniform: () => draws[drawn++] ?? Number.NaN });
  t.is(drawn, draws.length, 'every given uniform number is used');
  const mask = highest(ranks, { budget, costs: new Float64Array(gates.length).fill(1) });
  t.deepEqual([...mask], [...reference.mask.data], 'mask');

  const images = toOurs(reference.x, 'images');
  const classes = supernet.graph.classes;
  const target = new Float32Array(reference.labels.length * classes);
  for (const [row, label] of reference.labels.entries()) target[row * classes + label] = 1;
  const active = new Map(
    // The released code runs the KxK branch of a block that is left with nothing.
    [...activeBranches(supernet.blocks, gates, { mask })].map(([name, branches]) => {
      const fallback = supernet.blocks.branches(name).filter((branch) => branch.name === 'conv-kxk');
      return [name, branches.length > 0 ? branches : fallback.map((branch) => ({ branch, gate: 1 }))] as const;
    }),
  );
  let logits: ArrayLike<number> = [];
  const spied = Object.assign(Object.create(supernet) as Supernet, {
    train: (...given: Parameters<Supernet['train']>) => {
      const out = supernet.train(...given);
      logits = out.dataSync().slice();
      return out;
    },
    trained: (branches: typeof active) => supernet.trained(branches),
    store: supernet.store,
    graph: supernet.graph,
  });
  const pass = await forwardBackward(spied, { images, target, size: reference.labels.length }, active, 0);
  close(t, 'logits', logits, toOurs({ ...reference.logits, shape: [reference.logits.data.length] }, 'other'));
  t.true(
    Math.abs(pass.loss - reference.loss) <= 1e-4 * Math.abs(reference.loss),
    `loss ${pass.loss}, expected ${reference.loss}`,
  );

  const places = placesOf(supernet, sources);
  // Some gradients are zero but for rounding (a constant that the next batch-norm takes off); of those only the size says anything.
  const rounding = 1e-6 * Math.hypot(...Object.values(reference.grads).map(({ data }) => Math.hypot(...data)));
  for (const [name, gradient] of pass.gradients) {
    const place = places.get(name);
    if (!place) throw new Error(`the case does not say where ${name} stands`);
    const wanted = toOurs(golden(reference.grads, place.golden), place.what === 'kernel' ? 'kernel' : 'other');
    const found = gradient.dataSync();
    const error = relativeL2(found, wanted);
    t.true(error <= 1e-3 || distance(found, wanted) <= rounding, `gradient of ${name}: relative L2 ${error}`);
  }
  const gateGradients = Float64Array.from(gates, (gate) => {
    const at = (active.get(gate.block) ?? []).findIndex(({ branch }) => branch.name === gate.branch);
    return at < 0 || !mask[gates.indexOf(gate)] ? 0 : (pass.gateGradients.get(gate.block)?.[at] ?? 0);
  });
  const sigma = ranks.map((rank) => 1 / (1 + Math.exp(-rank)));
  const alphaGradients = gateGradients.map(
    (gradient, at) => gradient * (sigma[at] as number) * (1 - (sigma[at] as number)),
  );
  const alphaError = relativeL2(alphaGradients, golden(reference.grads, 'alphas').data);
  t.true(alphaError <= 1e-3, `gradient of the gates: relative L2 ${alphaError}`);

  importance.learn({
    ranks,
    mask,
    gateGradients,
    progress: 0,
    phaseSteps: 1,
    parameters: supernet.view(pass.gradients),
  });
  close(t, 'alphas after the step', importance.rank(), golden(reference.paramsAfter, 'alphas').data);
  const { lr: learningRate, momentum, weightDecay } = reference.sgd;
  const optimizer = createOptimizer({ name: 'sgd', momentum, nesterov: false, decayNormAndBias: true }, supernet.store);
  optimizer.step(pass.gradients, tf.scalar(1), { learningRate, weightDecay });
  for (const [name, { golden: place, what }] of places) {
    close(t, `${name} after the step`, supernet.store.read(name), expected(reference.paramsAfter, place, what));
  }
  optimizer.dispose();
  supernet.dispose();
}

function build(reference: StepCase): { supernet: Supernet; sources: BranchSource[][] } {
  const [, channels = 3, height = 0, width = 0] = reference.x.shape;
  const ins = [channels, ...reference.channels];
  const classes = golden(reference.params, 'linear.bias').shape[0] ?? 0;
  const last = reference.channels.at(-1) ?? 0;
  const graph: NetworkGraph = {
    input: [height, width, channels],
    classes,
    nodes: [
      ...reference.channels.map((outChannels, at) => ({
        kind: 'block' as const,
        name: block(at),
        input: at === 0 ? 'input' : block(at - 1),
        inChannels: ins[at] as number,
        outChannels,
        kernelSize: 3,
        stride: reference.strides[at] as number,
        groups: 1,
        activation: 'relu' as const,
        searchable: true,
      })),
      { kind: 'global-average-pool', name: 'pool', input: block(reference.channels.length - 1) },
      { kind: 'dense', name: 'linear', input: 'pool', inputs: last, outputs: classes, activation: 'none' },
    ],
  };
  const sources = reference.channels.map((_, at) => sourcesOf(at, reference.params));
  const ops = new Map(sources.flat().map(({ op }) => [op.definition.name, op]));
  const sharing = weightSharings.find(({ name }) => name === (reference.weightSharing ? 'kernel-slice' : 'none'));
  const plain = ops.get('conv-kxk');
  if (!sharing || !plain) throw new Error('a part that the case needs is missing');
  const supernet = new Supernet({
    graph,
    spaces: spacesOf(reference, sources),
    branchOps: ops,
    plain,
    weightSharing: { definition: sharing, options: {} },
    padStatistics: 'running',
    blockEvaluation: 'auto',
    dropout: 0,
    random: createRandomSource(0),
  });
  supernet.initialise();
  for (const [name, { golden: place, what }] of placesOf(supernet, sources)) {
    supernet.store.write(name, expected(reference.params, place, what));
  }
  return { supernet, sources };
}

function sourcesOf(at: number, params: GoldenParams): BranchSource[] {
  const { shape } = golden(params, 'alphas');
  const columns = COLUMNS.slice(0, shape[1]).map((op, column) =>
    repnasSource(op, `${block(at)}._ops.${column}.`, params),
  );
  const skip = `${block(at)}.skip_connect.`;
  const identity = `${skip}bn.weight` in params ? [repnasSource('skip_connect', skip, params)] : [];
  return [...columns, ...identity].map(chosenOp);
}

const spacesOf = (reference: StepCase, sources: readonly BranchSource[][]) =>
  reference.channels.map((_, at) => {
    const branches = (sources[at] as BranchSource[]).map(({ op }) => op.definition.name);
    return { block: block(at), branches, always: branches.filter((name) => name === 'identity') };
  });

/** Where every number of the network stands in the case. */
function placesOf(supernet: Supernet, sources: readonly BranchSource[][]) {
  const places = new Map<string, { golden: string; what: 'kernel' | 'other' | 'statistics' }>([
    ['linear.weight', { golden: 'linear.weight', what: 'other' }],
    ['linear.bias', { golden: 'linear.bias', what: 'other' }],
  ]);
  for (const [at, branches] of sources.entries()) {
    for (const [index, source] of branches.entries()) {
      for (const [name, own, what] of statesOf(supernet, index, source, block(at))) {
        const shared = name === `${block(at)}.kernel`;
        places.set(name, { golden: shared ? `${block(at)}.conv.conv.weight` : own, what });
      }
    }
  }
  return places;
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.hypot(...Array.from(a, (value, at) => value - (b[at] ?? Number.NaN)));
