import test from 'ava';
import { fuzzed, SUBJECTS } from './fuzz/fuzz.js';

// A hundred of each; `npm run test:faults` gives each reader 10,000.
for (const name of SUBJECTS) {
  test.serial(`${name}: what nobody vouches for is accepted, or refused with a place`, async (t) => {
    const { failures, detail, tried } = await fuzzed(name, 100, 1);
    t.log(detail);
    t.is(tried, 100);
    t.deepEqual(failures, []);
  });
}
