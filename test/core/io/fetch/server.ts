import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import { Header } from 'tar';

/** A server on this machine that ends with the test, and what it was asked for. */
export async function serve(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; readonly ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/set.tar.gz`, ranges };
}

/** Sends a file as servers do that know ranges; at most `most` bytes a connection, which then breaks. */
export const sending =
  (file: Buffer, most = Number.POSITIVE_INFINITY) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const ranged = request.headers.range !== undefined;
    response.writeHead(ranged ? 206 : 200, {
      'content-length': file.length - from,
      ...(ranged && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
    });
    const part = file.subarray(from, Math.min(file.length, from + most));
    response.write(part, () => (from + part.length < file.length ? response.destroy() : response.end()));
  };

export interface Entry {
  readonly path: string;
  readonly data?: Buffer;
  readonly type?: 'File' | 'SymbolicLink' | 'Directory' | 'CharacterDevice';
  readonly linkpath?: string;
  /** Size that its header tells, where it is not that of the data. */
  readonly announced?: number;
}

/** A gzipped tar of anything, what nobody should pack included. */
export function archiveOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(
    ({ path, data = Buffer.alloc(0), type = 'File', linkpath, announced = data.length }) => {
      const header = Buffer.alloc(512);
      new Header({
        path,
        size: announced,
        type,
        mode: 0o644,
        mtime: new Date(0),
        ...(linkpath && { linkpath }),
      }).encode(header);
      return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
    },
  );
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export const sha256 = (file: Buffer): string => createHash('sha256').update(file).digest('hex');
