import test from 'ava';
import { PrimitiveCache } from '../../../../plugins/engines/onednn/primitive-cache.js';

class Operation {
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
  }
}

const make = () => new Operation();

const cacheOf = (capacity: number) => new PrimitiveCache(capacity, (compile) => compile());

test('what was made under a kind and a key comes back, and under another not', (t) => {
  const cache = cacheOf(8);
  const found = cache.get('pool', [2, 3], make);
  t.is(cache.get('pool', [2, 3], make), found);
  t.not(cache.get('pool', [3, 2], make), found);
  t.not(cache.get('pool', [2, 3, 0], make), found);
  t.not(cache.get('softmax', [2, 3], make), found);
  t.is(cache.size, 4);
});

test('keys of one hash are told apart', (t) => {
  const cache = cacheOf(8);
  // Nothing is left of either as a whole number, which is what is hashed.
  const [small, smaller] = [cache.get('norm', [4, 1e-3], make), cache.get('norm', [4, 1e-5], make)];
  t.not(small, smaller);
  t.is(cache.get('norm', [4, 1e-3], make), small);
  t.is(cache.get('norm', [4, 1e-5], make), smaller);
});

test('the one longest unused makes room, and is destroyed', (t) => {
  const cache = cacheOf(2);
  const [first, second] = [cache.get('a', [1], make), cache.get('b', [1], make)];
  cache.get('a', [1], make);
  const third = cache.get('a', [2], make);
  t.deepEqual([first.destroyed, second.destroyed, third.destroyed], [false, true, false]);
  t.is(cache.size, 2);
  t.is(cache.get('a', [1], make), first);
  t.not(cache.get('b', [1], make), second);
});

test('all are destroyed when it is cleared', (t) => {
  const cache = cacheOf(8);
  const all = [1, 2, 3].map((size) => cache.get('a', [size], make));
  cache.clear();
  t.true(all.every(({ destroyed }) => destroyed));
  t.is(cache.size, 0);
});
