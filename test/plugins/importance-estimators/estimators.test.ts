import test from 'ava';
import type {
  Gate,
  ImportanceEstimator,
  ImportanceFeedback,
  Probe,
  ParameterView,
} from '../../../core/contracts/index.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { importanceEstimators } from '../../../plugins/importance-estimators/index.js';

const gates: Gate[] = [0, 1, 2, 3].map((at) => ({ block: 'b', branch: `op${at}` }));

/** A branch trains a γ of two channels and a kernel; gates further down have larger ones and larger gradients. */
const parameters: ParameterView = {
  names: [],
  value: (name) => Float32Array.of(Number(name.at(2)) + 1, -Number(name.at(2)) - 1),
  gradient: (name) => Float32Array.of(Number(name.at(2)), -Number(name.at(2))),
  scaleOf: (_, branch) => `${branch}.scale`,
  ofBranch: (_, branch) => [`${branch}.scale`, `${branch}.kernel`],
};

const feedback = (given: Partial<ImportanceFeedback> = {}): ImportanceFeedback => ({
  ranks: Float64Array.of(0.5, -0.5, 1, 2),
  mask: Uint8Array.of(1, 1, 1, 1),
  gateGradients: Float64Array.of(-1, -1, 1, 1),
  progress: 0,
  phaseSteps: 100,
  parameters,
  ...given,
});

const start = (name: string, options: object = {}) => {
  const estimator = importanceEstimators.find((other) => other.name === name) as ImportanceEstimator;
  return estimator.start(gates, estimator.options.parse(options), createRandomSource(1));
};

const noise = (at: number) => createRandomSource(1).stream('noise', at);

for (const { name } of importanceEstimators) {
  test(`${name}: noise comes from the stream alone, ranking without it is still; state goes on exactly`, (t) => {
    const [one, other] = [start(name), start(name)];
    t.deepEqual(one.rank(), one.rank());
    t.deepEqual(one.rank(noise(1)), other.rank(noise(1)));
    t.notDeepEqual(one.rank(noise(1)), one.rank(noise(2)));
    for (const progress of [0, 0.3]) one.learn(feedback({ progress, mask: Uint8Array.of(1, 0, 1, 1) }));
    other.restore(one.save());
    for (const session of [one, other]) session.learn(feedback({ progress: 0.6 }));
    t.deepEqual(other.rank(), one.rank());
    t.deepEqual(other.save(), one.save());
    const fewer = importanceEstimators.find((estimator) => estimator.name === name) as ImportanceEstimator;
    t.throws(() => fewer.start(gates.slice(1), fewer.options.parse({}), createRandomSource(1)).restore(one.save()), {
      message: /expected 3/,
    });
  });
}

for (const name of ['logistic-ranking', 'gumbel-sigmoid']) {
  test(`${name}: a gate whose opening lowers the loss rises, one that is shut learns nothing`, (t) => {
    const session = start(name, { learningRate: 0.1, weightDecay: 0 });
    session.learn(feedback({ mask: Uint8Array.of(1, 0, 1, 0) }));
    const [first, second, third, fourth] = session.rank() as unknown as [number, number, number, number];
    t.true(first > 0 && third < 0);
    t.deepEqual([second, fourth], [0, 0]);
  });
}

test('logistic-ranking: the spread of the noise is that of a logistic, π/√3', (t) => {
  const session = start('logistic-ranking');
  const all = Array.from({ length: 5000 }, (_, at) => [...session.rank(noise(at))]).flat();
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  t.true(Math.abs(mean) < 0.05 && Math.abs(deviation - Math.PI / Math.sqrt(3)) < 0.05, `${mean} ± ${deviation}`);
});

test('gumbel-sigmoid: the temperature falls geometrically from its first to its last value, and sharpens the gates', (t) => {
  const session = start('gumbel-sigmoid', { temperature: { from: 8, to: 0.5 }, learningRate: 1e-9 });
  const ranks = Float64Array.of(1, 1, 1, -1);
  const mask = Uint8Array.of(1, 1, 0, 1);
  const expect = (temperature: number): void => {
    const soft = (rank: number): number => 1 / (1 + Math.exp(-rank / temperature));
    const [a, , shut, d] = [...(session.values?.(ranks, mask) ?? [])];
    t.true(Math.abs((a as number) - soft(1)) < 1e-6 && Math.abs((d as number) - soft(-1)) < 1e-6, `${temperature}`);
    t.is(shut, 0);
  };
  expect(8);
  for (const [progress, temperature] of [
    [0, 8],
    [0.25, 4],
    [0.5, 2],
    [1, 0.5],
  ] as const) {
    session.learn(feedback({ progress }));
    expect(temperature);
  }
});

test('bn-scale and grad-weight rank by what they are named after, unseen gates level with the best', (t) => {
  const scale = start('bn-scale');
  scale.learn(feedback({ mask: Uint8Array.of(1, 1, 0, 0) }));
  t.deepEqual(
    [...scale.rank()].map((rank) => Math.round(rank * 1e9) / 1e9),
    [1, 2, 2, 2],
  );
  const salience = start('grad-weight');
  salience.learn(feedback());
  // Two parameters of two values: |4 · gradient · weight| of each gate.
  t.deepEqual([...salience.rank()].map(Math.round), [0, 8, 24, 48]);
});

test('logistic-ranking: travel is how far a gate whose gradient never turns moves over the search', (t) => {
  const steps = 200;
  const session = start('logistic-ranking', { travel: 3, weightDecay: 0 });
  for (let step = 0; step < steps; step++)
    session.learn(
      feedback({ progress: step / steps, phaseSteps: steps, gateGradients: Float64Array.of(-1, 1, -1, 1) }),
    );
  for (const [at, alpha] of session.rank().entries())
    t.true(Math.abs(alpha - (at % 2 === 0 ? 3 : -3)) < 0.01, `${alpha}`);
});

test('logistic-ranking: noise scales the noise, and 0 leaves α alone', (t) => {
  t.deepEqual(start('logistic-ranking', { noise: 0 }).rank(noise(1)), new Float64Array(4));
  const [one, half] = [1, 0.5].map((scale) => start('logistic-ranking', { noise: scale }).rank(noise(1)));
  for (const [at, value] of (half as Float64Array).entries())
    t.true(Math.abs(2 * value - (one?.[at] as number)) < 1e-12);
});

test('fisher: ranks by the mean square of the gate gradient, where their mean ranks nothing', (t) => {
  const session = start('fisher', { noise: 0 });
  for (const sign of [1, -1, 1, -1])
    session.learn(feedback({ gateGradients: Float64Array.of(sign, 2 * sign, 0, 0.5 * sign) }));
  const ranks = session.rank();
  t.deepEqual(
    [...ranks.keys()].sort((a, b) => (ranks[b] as number) - (ranks[a] as number)),
    [1, 0, 3, 2],
  );
});

test('loss-change: ranks by the loss that dropping one branch alone costs, the last one of a block above all', async (t) => {
  const session = start('loss-change');
  const cost = [0.3, 0.1, 0, 0.2];
  const evaluate = async (mask: Uint8Array) => ({
    accuracy: 0,
    loss: 1 + mask.reduce((sum, open, at) => sum + (open ? 0 : (cost[at] as number)), 0),
  });
  await session.examine?.(Uint8Array.of(1, 1, 0, 1), { evaluate } as Partial<Probe> as Probe);
  const [first, second, third, fourth] = session.rank() as unknown as number[];
  t.deepEqual(
    [first, second, fourth].map((rank) => Number((rank as number).toFixed(9))),
    [0.3, 0.1, 0.2],
  );
  t.is(third, 0, 'a gate that is not active is not measured');
  await session.examine?.(Uint8Array.of(0, 0, 0, 1), { evaluate } as Partial<Probe> as Probe);
  t.is(session.rank()[3], Number.MAX_VALUE);
});
