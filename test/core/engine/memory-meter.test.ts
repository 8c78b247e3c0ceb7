import test from 'ava';
import { MemoryMeter, type StoredTensor } from '../../../core/engine/backend.js';

const metered = () => {
  const storage = new Map<object, StoredTensor>();
  const meter = new MemoryMeter(storage as unknown as ConstructorParameters<typeof MemoryMeter>[0]);
  return { storage, meter };
};
const floats = (count: number): StoredTensor => ({ dtype: 'float32', shape: [count] });

test('what shares memory counts once, until the last that holds it is gone', (t) => {
  const { storage, meter } = metered();
  const [x, y] = [{}, {}];
  storage.set(x, floats(256));
  meter.sharing(x, () => storage.set(y, floats(256)));
  t.deepEqual(meter.read(), { bytes: 1024, peakBytes: 1024 });
  storage.delete(x);
  t.is(meter.read().bytes, 1024);
  storage.delete(y);
  t.deepEqual(meter.read(), { bytes: 0, peakBytes: 1024 });
});

test('what is stored beside while memory is shared counts for itself', (t) => {
  const { storage, meter } = metered();
  const [x, shape, y] = [{}, {}, {}];
  storage.set(x, floats(256));
  meter.sharing(x, () => {
    storage.set(shape, { dtype: 'int32', shape: [2] });
    storage.set(y, floats(256));
    storage.delete(shape);
  });
  t.deepEqual(meter.read(), { bytes: 1024, peakBytes: 1032 });
  storage.set({}, floats(256));
  t.is(meter.read().bytes, 2048);
});
