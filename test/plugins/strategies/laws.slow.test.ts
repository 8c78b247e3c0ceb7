import test from 'ava';
import { testStrategy } from '../../../core/testing/index.js';
import { strategies } from '../../../plugins/strategies/index.js';

/** What a strategy needs to be quick, or to be at all. */
const OPTIONS: Readonly<Record<string, object>> = {
  evolution: { population: 3, sample: 2, evaluations: 5 },
  dyrep: { interval: 1 },
  sgs: { interval: 1 },
  given: { blocks: { conv1: ['conv-kxk'], conv2: ['conv-1x1', 'conv-kxk'], conv3: ['conv-1x1-kxk', 'conv-1xk'] } },
};

for (const strategy of strategies) {
  for (const { name, check } of testStrategy(strategy, { options: OPTIONS[strategy.name] ?? {} })) {
    test.serial(name, async (t) => t.notThrowsAsync(check));
  }
}
