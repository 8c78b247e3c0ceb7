import test from 'ava';
import type { Strategy } from '../../../core/contracts/index.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { createCandidate } from '../../../core/run/candidate.js';
import { loadConfig } from '../../../core/config/load.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { strategies } from '../../../plugins/strategies/index.js';

test.before(async () => {
  await cpu.start({});
});

/** The architecture that a strategy starts with on a backbone. */
async function architectureOf(
  strategy: string,
  backbone: object,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { config, parts, folder } = await loadConfig({
    strategy,
    backbone,
    dataset: { name: 'synthetic', shape: [32, 32, 3], train: 4, test: 4 },
  });
  const signal = new AbortController().signal;
  const warn = () => undefined;
  const dataset = await parts.dataset.definition.open(parts.dataset.options, { folder, warn, signal });
  const random = createRandomSource(config.seed);
  const definition = strategies.find(({ name }) => name === strategy) as Strategy;
  const chosen = { definition, options: definition.options.parse({}) };
  const candidate = createCandidate({ config, parts, dataset, random, warn, strategy: chosen });
  const events = candidate.training.enterPhase();
  for await (const event of events) {
    if (event.type !== 'architecture') continue;
    candidate.dispose();
    return event.architecture;
  }
  throw new Error('no architecture');
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
