import test from 'ava';
import { wasm } from '../../../../plugins/engines/wasm/engine.js';
import { engineTests } from '../engine-suite.js';

const listeners = process.listenerCount('uncaughtException');

await engineTests(wasm);

test('leaves the process its own way of failing', (t) => {
  t.is(process.listenerCount('uncaughtException'), listeners);
});
