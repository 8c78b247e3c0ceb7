import test from 'ava';
import type { Architecture, Strategy } from '../../../core/contracts/index.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { type Candidate, createCandidate } from '../../../core/run/candidate.js';
import { loadConfig } from '../../../core/config/load.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { strategies } from '../../../plugins/strategies/index.js';

test.before(async () => {
  await cpu.start({});
});

/** A candidate that has entered its first phase: architecture decided, parameters initialised. */
async function begun(strategy: string, backbone: object, { options = {}, train = {} } = {}): Promise<Candidate> {
  const { config, parts, folder } = await loadConfig({
    strategy,
    backbone,
    train,
    dataset: { name: 'synthetic', shape: [32, 32, 3], train: 4, test: 4 },
  });
  const signal = new AbortController().signal;
  const warn = () => undefined;
  const dataset = await parts.dataset.definition.open(parts.dataset.options, { folder, warn, signal });
  const random = createRandomSource(config.seed);
  const definition = strategies.find(({ name }) => name === strategy) as Strategy;
  const chosen = { definition, options: definition.options.parse(options) };
  const candidate = createCandidate({ config, parts, dataset, random, warn, strategy: chosen });
  for await (const _ of candidate.training.enterPhase());
  return candidate;
}

/** The architecture that a strategy starts with on a backbone. */
async function architectureOf(strategy: string, backbone: object, options: object = {}): Promise<Architecture> {
  const candidate = await begun(strategy, backbone, { options });
  const architecture = candidate.supernet.blocks.architecture();
  candidate.dispose();
  return architecture;
}

const REPVGG = { name: 'repvgg', width: 0.125 };

for (const [strategy, first, second] of [
  ['plain', ['conv-kxk'], ['conv-kxk']],
  ['acb', ['conv-kxk', 'conv-1xk', 'conv-kx1'], ['conv-kxk', 'conv-1xk', 'conv-kx1']],
  ['dbb', ['conv-1x1', 'conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk'], undefined],
  ['repvgg', ['conv-1x1', 'conv-kxk'], ['conv-1x1', 'conv-kxk', 'identity']],
  ['pair', ['conv-kxk', 'conv-1x1-kxk'], undefined],
  ['orepa', ['conv-1x1', 'conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk'], undefined],
  ['sgs', ['conv-kxk'], undefined],
  ['dyrep', ['conv-kxk'], undefined],
] as const) {
  test(`${strategy} starts with the branches that its paper gives it`, async (t) => {
    const architecture = await architectureOf(strategy, REPVGG);
    // Stride 2 first; behind it a block whose shape stays.
    t.deepEqual(architecture['stage1.block0'], first);
    t.deepEqual(architecture['stage1.block1'], second ?? first);
  });
}

test('a depthwise convolution gets no 1x1 branch from dbb, as in its code; the convolutions beside it stay plain', async (t) => {
  const architecture = await architectureOf('dbb', { name: 'mobilenet', width: 0.125 });
  t.deepEqual(architecture['stem'], ['conv-1x1', 'conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk']);
  t.deepEqual(architecture['pair0.depthwise'], ['conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk']);
  t.deepEqual(architecture['pair0.pointwise'], ['conv-kxk']);
});

test('dbb and pair take an identity besides where the shape stays', async (t) => {
  for (const strategy of ['dbb', 'pair']) {
    const [without, architecture] = [
      await architectureOf(strategy, REPVGG),
      await architectureOf(strategy, REPVGG, { identity: true }),
    ];
    t.deepEqual(architecture['stage1.block0'], without['stage1.block0']);
    t.deepEqual(architecture['stage1.block1'], [...(without['stage1.block1'] ?? []), 'identity']);
  }
});

test('every-block keeps the listed branches, or all there are', async (t) => {
  const listed = await architectureOf('every-block', REPVGG, { branches: ['conv-kxk', 'identity'] });
  t.deepEqual([listed['stage1.block0'], listed['stage1.block1']], [['conv-kxk'], ['conv-kxk', 'identity']]);
  const all = await architectureOf('every-block', REPVGG);
  t.deepEqual([all['stage1.block0']?.length, all['stage1.block1']?.length], [6, 7]);
});

test("branches start at the scale of train.gamma, one alone at 1, and a strategy's own scale goes first", async (t) => {
  const gammaOf = async (strategy: string, gamma: unknown, block: string, branch: string): Promise<number> => {
    const candidate = await begun(strategy, REPVGG, { train: { gamma } });
    const [first] = candidate.supernet.store.read(candidate.supernet.blocks.branch(block, branch).scale);
    candidate.dispose();
    return first as number;
  };
  const near = (found: number, expected: number) => t.true(Math.abs(found - expected) < 1e-6, `${found}, ${expected}`);
  near(await gammaOf('repvgg', '1/branches', 'stage1.block1', 'conv-kxk'), 1 / 3);
  near(await gammaOf('repvgg', '1/branches', 'stage1.block0', 'conv-kxk'), 1 / 2);
  near(await gammaOf('repvgg', { identity: 1, others: 0.25 }, 'stage1.block1', 'identity'), 1);
  near(await gammaOf('repvgg', { identity: 1, others: 0.25 }, 'stage1.block1', 'conv-1x1'), 0.25);
  near(await gammaOf('plain', 0.25, 'stage1.block1', 'conv-kxk'), 1);
  near(await gammaOf('acb', 0.25, 'stage1.block1', 'conv-kxk'), 1 / 3);
});
