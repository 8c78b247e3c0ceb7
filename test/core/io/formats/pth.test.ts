import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { FileError } from '../../../../core/io/files/index.js';
import { openPth, type PthFile } from '../../../../core/io/formats/pth.js';
import { PickleObject, unpickle } from '../../../../core/io/formats/pickle.js';
import { PthTensor } from '../../../../core/io/formats/pth-tensor.js';
import { openStoredZip } from '../../../../core/io/formats/stored-zip.js';
import { findRecord, torchHost } from '../../../../core/io/formats/torch-globals.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { ops, pthFile, storedZip, tensorOf } from './pth-writer.js';

const fixture = (name: string): string => join('test', 'fixtures', 'pth', name);

type Expected = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>>;
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Readonly<
  Record<'checkpoint' | 'stateDict', Expected>
>;

async function tensors(file: PthFile, dict: unknown): Promise<Expected> {
  const found: Record<string, Expected[string]> = {};
  for (const [name, tensor] of dict as Map<string, PthTensor>) {
    const { shape, values } = await file.read(tensor);
    found[name] = { shape, values: Array.from(values, Number) };
  }
  return found;
}

test('a state dict of PyTorch is read to the bit', async (t) => {
  const file = await openPth(fixture('state-dict.pth'));
  t.deepEqual(await tensors(file, file.value), expected.stateDict);
  await file.close();
});

test('every dtype, views, strides and plain data of a checkpoint are read', async (t) => {
  const file = await openPth(fixture('checkpoint.pth'));
  const value = file.value as Map<string, unknown>;
  t.deepEqual(await tensors(file, value.get('state_dict')), expected.checkpoint);
  const { state_dict, optimizer, ...figures } = Object.fromEntries(value);
  t.true(state_dict instanceof Map && optimizer instanceof Map);
  t.deepEqual(figures, {
    epoch: 5,
    best: 76.25,
    negative: -3,
    long: 2 ** 40,
    flag: true,
    nothing: null,
    é: 'ü',
    list: [1, [2, 3]],
    tuple: [1, 2, 3, 4],
    size: [3, 4],
  });
  await file.close();
});

test('protocol 4 is read too', async (t) => {
  const file = await openPth(fixture('protocol-4.pth'));
  const tensor = (file.value as Map<string, PthTensor>).get('x') as PthTensor;
  t.deepEqual(
    [...(await file.read(tensor)).values],
    Array.from({ length: 24 }, (_, index) => index),
  );
  await file.close();
});

test('the settings of a run beside the weights are passed over', async (t) => {
  const { value, read, close } = await openPth(fixture('namespace.pth'));
  const args = (value as Map<string, unknown>).get('args');
  t.true(args instanceof PickleObject && args.type === 'argparse.Namespace' && args.attribute('lr') === 0.1);
  const x = (value as Map<string, unknown>).get('x');
  t.true(x instanceof PthTensor && (await read(x)).values.length === x.size);
  await close();
});

test('a pickle that names anything else is refused by name and place', async (t) => {
  const path = written(t, ops.program(ops.global('posix', 'system'), ops.tuple(ops.text('true')), ops.reduce));
  const message = /byte \d+: 'posix\.system' is named, which is no part of a checkpoint/;
  await t.throwsAsync(openPth(path), { instanceOf: FileError, message });
});

test("PyTorch's format before 1.6 is read as the newer one", async (t) => {
  const { value, read, close } = await openPth(fixture('legacy.pth'));
  const [[name, tensor] = []] = value as Map<string, PthTensor>;
  t.is(typeof name, 'string');
  if (!tensor) return t.fail();
  const { values, shape } = await read(tensor);
  t.is(
    values.length,
    shape.reduce((a, b) => a * b, 1),
  );
  t.true(values.every((number) => Number.isFinite(Number(number))));
  await close();
});

test('what is no tensor becomes a note of what it is, and nothing of it is run', async (t) => {
  const path = written(t, ops.program(ops.global('somewhere', 'Anything'), ops.tuple(ops.int(1)), Buffer.of(0x81)));
  const { value, close } = await openPth(path);
  t.true(value instanceof PickleObject && value.type === 'somewhere.Anything' && value.values[0] === 1);
  await close();
  const quantised = await openPth(
    written(t, ops.program(tensorOf({ type: 'QInt8Storage', shape: [2], strides: [1] }))),
  );
  t.true(quantised.value instanceof PickleObject && /torch\.QInt8Storage/.test(quantised.value.type));
  await quantised.close();
});

test('a call of 200,000 values is no deeper than one of two', async (t) => {
  const values = Buffer.concat([Buffer.of(0x28), Buffer.alloc(200_000, 0x4e), Buffer.of(0x74)]);
  const path = written(t, ops.program(ops.global('a', 'b'), values, ops.reduce));
  const { value, close } = await openPth(path);
  t.is((value as PickleObject).values.length, 200_000);
  await close();
});

/** A file with this pickle and one storage of eight bytes. */
function written(
  t: Parameters<typeof temporaryFolder>[0],
  pickle: Buffer,
  records: Record<string, Buffer> = {},
): string {
  const path = join(temporaryFolder(t), 'x.pth');
  writeFileSync(path, pthFile(pickle, { 'x/data/0': Buffer.alloc(8, 1), ...records }));
  return path;
}

test('a pickle written by hand is read, with the records of newer versions', async (t) => {
  const path = written(t, ops.program(tensorOf({ shape: [2], strides: [1] })), {
    'x/byteorder': Buffer.from('little'),
    'x/.data/serialization_id': Buffer.from('0'),
  });
  const file = await openPth(path);
  t.true(file.value instanceof PthTensor);
  await file.close();
});

const HOSTILE: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'runs a command': [
    ops.program(ops.global('posix', 'system'), ops.text('touch /tmp/owned'), ops.tuple1, ops.reduce),
    /byte 2: 'posix\.system' is named/,
  ],
  'names a builtin by the stack': [
    ops.program(ops.text('builtins'), ops.text('eval'), ops.stackGlobal),
    /'builtins\.eval' is named/,
  ],
  'calls what is no function': [ops.program(ops.text('x'), ops.emptyTuple, ops.reduce), /called that is no function/],
  'calls a class of storages': [
    ops.program(ops.global('torch', 'FloatStorage'), ops.emptyTuple, ops.reduce),
    /called that is no function/,
  ],
  'builds an object': [ops.program(ops.text('x'), ops.emptyDict, ops.build), /state is given to what is no object/],
  'makes an instance of what is no class': [
    ops.program(ops.text('x'), ops.emptyTuple, Buffer.of(0x81)),
    /something is called that is no function/,
  ],
  'imports an extension': [ops.program(Buffer.of(0x82, 1)), /operation 0x82/],
  'takes a buffer from elsewhere': [ops.program(Buffer.of(0x97)), /operation 0x97/],
  'has marks within marks without end': [
    ops.program(Buffer.alloc(20_000, 0x28)),
    /more than 10000 values within one another/,
  ],
  'memorises at a number that nothing reaches': [
    ops.program(ops.none, Buffer.from('72ffffff7f', 'hex')),
    /a value is memorised as 2147483647/,
  ],
  'has no end': [Buffer.of(0x80, 2, 0x4e), /byte 3: the end comes within 1 bytes/],
  'goes on after its end': [Buffer.concat([ops.program(ops.none), ops.none]), /1 bytes follow the end/],
  'announces more than there is': [ops.program(Buffer.from('58ffffffff', 'hex')), /the end comes within 4294967295/],
  'recalls what was not memorised': [ops.program(Buffer.of(0x68, 7)), /nothing was memorised as 7/],
  'takes from an empty stack': [ops.program(ops.tuple1), /a value is used that was never there/],
  'is of protocol 6': [Buffer.of(0x80, 6, 0x4e, 0x2e), /protocol 6; expected 0 to 5/],
  'reaches behind its storage': [
    ops.program(tensorOf({ shape: [2], strides: [2] })),
    /reaches to element 2 of a storage of 2/,
  ],
  'starts behind its storage': [ops.program(tensorOf({ offset: 2, shape: [1], strides: [1] })), /reaches to element 2/],
  'makes a large tensor of a small storage': [
    ops.program(tensorOf({ shape: [65535, 65535, 65535], strides: [0, 0, 0] })),
    /elements in a storage of 2/,
  ],
  'has fewer strides than axes': [ops.program(tensorOf({ shape: [1, 1], strides: [1] })), /2 axes with 1 strides/],
  'has a storage of another size': [
    ops.program(tensorOf({ length: 3 })),
    /takes 12 bytes, but record 'x\/data\/0' has 8/,
  ],
  'has a storage outside': [
    ops.program(tensorOf({ key: '../../etc/passwd' })),
    /record 'x\/data\/\.\.\/\.\.\/etc\/passwd' is missing/,
  ],
};

for (const [what, [pickle, message]] of Object.entries(HOSTILE)) {
  test(`a pickle that ${what} is refused`, async (t) => {
    await t.throwsAsync(openPth(written(t, pickle)), { instanceOf: FileError, message });
  });
}

test('a flipped bit in a tensor is noticed', async (t) => {
  const path = written(t, ops.program(tensorOf({ shape: [2], strides: [1] })));
  const bytes = readFileSync(path);
  const at = bytes.indexOf(Buffer.alloc(8, 1));
  bytes[at] = 3;
  writeFileSync(path, bytes);
  const file = await openPth(path);
  await t.throwsAsync(file.read(file.value as PthTensor), {
    message: /record 'x\/data\/0' is damaged: its CRC-32 differs/,
  });
  await file.close();
});

test('archives that are none of PyTorch are refused', async (t) => {
  const path = join(temporaryFolder(t), 'x.pth');
  const refused = async (bytes: Buffer, message: RegExp): Promise<void> => {
    writeFileSync(path, bytes);
    await t.throwsAsync(openPth(path), { instanceOf: FileError, message });
  };
  const pickle = ops.program(ops.none);
  await refused(Buffer.alloc(0), /is no whole zip archive/);
  await refused(storedZip({ 'x/version': Buffer.from('3') }), /has 0 records '…\/data\.pkl'/);
  await refused(storedZip({ 'x/data.pkl': pickle, 'y/data.pkl': pickle }), /has 2 records/);
  await refused(
    storedZip({ 'x/data.pkl': pickle, '../../y': pickle }),
    /is no whole zip archive: invalid relative path/,
  );
  await refused(storedZip({ 'x/data.pkl': pickle }, { method: 8 }), /is damaged: /);
  await refused(
    storedZip({ 'x/data.pkl': pickle }, { method: 9 }),
    /is packed by method 9; expected it stored or deflated/,
  );
  await refused(storedZip({ 'x/data.pkl': pickle, 'x/byteorder': Buffer.from('big') }), /byte order 'big'/);
  await t.throwsAsync(openPth('/dev/null'), { message: /no regular file/ });
  await t.throwsAsync(openPth(join(path, 'nothing')), { instanceOf: FileError, message: /is missing/ });
});

test('a mutated pickle is read or refused by name, never more', async (t) => {
  const zip = await openStoredZip(fixture('checkpoint.pth'));
  const original = await zip.read('checkpoint/data.pkl');
  await zip.close();
  const host = torchHost(findRecord(zip.records, 'checkpoint/'));
  const mutation = fc.record({ at: fc.nat(original.length - 1), byte: fc.nat(255) });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const bytes = Uint8Array.from(original);
      for (const { at, byte } of mutations) bytes[at] = byte;
      try {
        unpickle(bytes, 'x.pth', host);
      } catch (error) {
        refused++;
        t.true(error instanceof FileError, String((error as Error).stack));
        t.regex((error as Error).message, /^x\.pth: byte \d+: /);
      }
    }),
    { seed: 3, numRuns: 3000 },
  );
  t.true(refused > 1000);
});

test('what makes much of little is refused', async (t) => {
  // A text of 100,000 letters, encoded 100,000 times.
  const again = Buffer.concat(Array.from({ length: 60_000 }, () => Buffer.from('68016800855230', 'hex')));
  const path = written(
    t,
    ops.program(
      ops.text('x'.repeat(100_000)),
      Buffer.of(0x71, 0, 0x30),
      ops.global('_codecs', 'encode'),
      Buffer.of(0x71, 1, 0x30),
      again,
      ops.none,
    ),
  );
  await t.throwsAsync(openPth(path), { message: /more is made of the values than their bytes allow/ });
});

test('a mutated archive is read or refused by name, never more', async (t) => {
  const path = join(temporaryFolder(t), 'x.pth');
  const original = readFileSync(fixture('checkpoint.pth'));
  const mutation = fc.record({ at: fc.nat(original.length - 1), byte: fc.nat(255) });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const bytes = Buffer.from(original);
      for (const { at, byte } of mutations) bytes[at] = byte;
      writeFileSync(path, bytes);
      try {
        const file = await openPth(path);
        await tensors(file, (file.value as Map<string, unknown>).get('state_dict')).finally(() => file.close());
      } catch (error) {
        refused++;
        t.true(error instanceof FileError, String((error as Error).stack));
      }
    }),
    { seed: 4, numRuns: 300 },
  );
  t.true(refused > 100);
});
