import { BufferPool } from '../../../../plugins/engines/onednn/buffer-pool.js';
import { loadLibrary } from '../../../../plugins/engines/onednn/ffi/library.js';
import { here } from './here.js';

const open = async (): Promise<BufferPool> => new BufferPool(2 ** 20, (await loadLibrary()).addressOf);

here('arrays of the pool begin where vectors do', async (t) => {
  const { addressOf } = await loadLibrary();
  const pool = await open();
  for (const length of [1, 7, 100, 4096]) t.is(addressOf(pool.acquire(length)) % 64, 0);
});

here('the beginning of an unused array serves where it is at most twice as long, and comes back whole', async (t) => {
  const pool = await open();
  const whole = pool.acquire(100);
  pool.release(whole);
  t.not(pool.acquire(49).buffer, whole.buffer);
  const part = pool.acquire(60);
  t.is(part.length, 60);
  t.is(part.buffer, whole.buffer);
  t.is(pool.bytes, 0);
  pool.release(part);
  t.is(pool.bytes, whole.byteLength);
  t.is(pool.acquire(100), whole);
});

here('of longer unused arrays the shortest serves', async (t) => {
  const pool = await open();
  const [longest, shortest, middle] = [190, 110, 150].map((length) => pool.acquire(length)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (const array of [longest, shortest, middle]) pool.release(array);
  t.is(pool.acquire(100).buffer, shortest.buffer);
});

here('memory that someone else holds is not used again, whichever part of it was lent', async (t) => {
  const pool = await open();
  const whole = pool.acquire(100);
  pool.release(whole);
  const part = pool.acquire(80);
  pool.abandon(part);
  pool.release(part);
  t.is(pool.bytes, 0);
  t.not(pool.acquire(100).buffer, whole.buffer);
});
