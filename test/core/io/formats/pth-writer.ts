import { crc32 } from 'node:zlib';

/** Operations of a pickle of protocol 2, as bytes. */
const text = (value: string): Buffer => sized(0x58, Buffer.from(value));
const int = (value: number): Buffer => {
  const bytes = Buffer.of(0x4a, 0, 0, 0, 0);
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
const tuple = (...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.of(0x28), ...parts, Buffer.of(0x74)]);

export const ops = {
  text,
  int,
  global,
  tuple,
  none: Buffer.of(0x4e),
  emptyTuple: Buffer.of(0x29),
  emptyDict: Buffer.of(0x7d),
  tuple1: Buffer.of(0x85),
  reduce: Buffer.of(0x52),
  build: Buffer.of(0x62),
  stackGlobal: Buffer.of(0x93),
  persistent: Buffer.of(0x51),
  program: (...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.of(0x80, 2), ...parts, Buffer.of(0x2e)]),
} as const;

function sized(code: number, bytes: Buffer): Buffer {
  const head = Buffer.of(code, 0, 0, 0, 0);
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

interface TensorFields {
  readonly type?: string;
  readonly key?: string;
  readonly length?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** A call of `_rebuild_tensor_v2` on a float storage of two numbers, unless said otherwise. */
export function tensorOf(fields: TensorFields): Buffer {
  const { type = 'FloatStorage', key = '0', length = 2, offset = 0, shape = [], strides = [] } = fields;
  const id = tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(length));
  const hooks = Buffer.concat([global('collections', 'OrderedDict'), ops.emptyTuple, ops.reduce]);
  const values = tuple(
    Buffer.concat([id, ops.persistent]),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    Buffer.of(0x89),
    hooks,
  );
  return Buffer.concat([global('torch._utils', '_rebuild_tensor_v2'), values, ops.reduce]);
}

/** A file as `torch.save` lays it out, its folder named `x`. */
export const pthFile = (pickle: Buffer, records: Readonly<Record<string, Buffer>>): Buffer =>
  storedZip({ 'x/data.pkl': pickle, ...records, 'x/version': Buffer.from('3\n') });

/** A zip archive of stored records (APPNOTE.TXT 4.3); another method is only announced. */
export function storedZip(records: Readonly<Record<string, Buffer>>, { method = 0 } = {}): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(records)) {
    const local = header(0x04034b50, 30, name, bytes, method, 4);
    central.push(Buffer.concat([centralHeader(name, bytes, method, offset), Buffer.from(name)]));
    parts.push(local, Buffer.from(name), bytes);
    offset += local.length + name.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

function centralHeader(name: string, bytes: Buffer, method: number, offset: number): Buffer {
  const head = header(0x02014b50, 46, name, bytes, method, 6);
  head.writeUInt32LE(offset, 42);
  return head;
}

/** What local and central headers have in common, `at` bytes from the start. */
function header(signature: number, size: number, name: string, bytes: Buffer, method: number, at: number): Buffer {
  const head = Buffer.alloc(size);
  head.writeUInt32LE(signature);
  head.writeUInt16LE(method, at + 4);
  head.writeUInt32LE(crc32(bytes), at + 10);
  head.writeUInt32LE(bytes.length, at + 14);
  head.writeUInt32LE(bytes.length, at + 18);
  head.writeUInt16LE(name.length, at + 22);
  return head;
}
