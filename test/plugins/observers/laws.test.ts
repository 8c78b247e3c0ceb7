import test from 'ava';
import { testObserver } from '../../../core/testing/index.js';
import { observers } from '../../../plugins/observers/index.js';

for (const observer of observers) {
  for (const { name, check } of testObserver(observer)) test(name, async (t) => t.notThrowsAsync(check));
}
