import { BrokenDownloadError, DownloadError } from './error.js';

/** What a server sends: from which byte on, and the bytes. */
export interface Answer {
  readonly start: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Statuses after which asking again makes sense (RFC 9110, section 15; RFC 6585). */
const PASSING = [408, 425, 429, 500, 502, 503, 504];

/** When a request ends before its answer does. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which a connection counts as broken. @default 60_000 */
  readonly silence?: number;
}

/** Asks for a file from a byte on. A server that knows no ranges sends all of it: `start` is then 0. */
export async function requestFrom(
  { url, bytes }: { readonly url: string; readonly bytes: number },
  from: number,
  { signal, silence = 60_000 }: RequestOptions,
): Promise<Answer> {
  const watch = new Silence(silence);
  const stop = signal ? AbortSignal.any([signal, watch.signal]) : watch.signal;
  const broken = (error: unknown): never => {
    watch.end();
    const why = watch.signal.aborted ? `nothing came for ${silence / 1000} s` : reasonOf(error);
    throw new BrokenDownloadError(`${url} cannot be read: ${why}`, { cause: error });
  };
  // Unpacked on the way, an archive would neither have its size nor its sum.
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) };
  const response = await fetch(url, { headers, signal: stop }).catch(broken);
  const start = response.status === 206 ? startOf(response, url, from) : 0;
  refuse(response, url, bytes - start);
  return { start, body: watched(begun(response), watch, broken) };
}

function refuse({ ok, status, statusText, headers, body }: Response, url: string, expected: number): void {
  const announced = headers.get('content-length');
  const problem = !ok
    ? `${url} answers ${status} ${statusText}`.trim()
    : announced !== null && Number(announced) !== expected
      ? `${url} announces ${announced} bytes; expected ${expected}: it is another file`
      : undefined;
  if (!problem) return;
  body?.cancel().catch(() => undefined);
  throw PASSING.includes(status) ? new BrokenDownloadError(problem) : new DownloadError(problem);
}

function startOf({ headers }: Response, url: string, from: number): number {
  const range = headers.get('content-range') ?? '';
  if (range.startsWith(`bytes ${from}-`)) return from;
  throw new DownloadError(`${url} was asked for bytes from ${from} on and sends '${range}'`);
}

async function* watched(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  watch: Silence,
  broken: (error: unknown) => never,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      watch.heard();
      yield chunk;
    }
  } catch (error) {
    broken(error);
  } finally {
    watch.end();
  }
}

/** Asks for the first bytes at once: a connection that breaks before anybody does takes with it what has come. */
function begun({ body }: Response): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (!body) return [];
  const chunks = body[Symbol.asyncIterator]();
  const first = chunks.next();
  first.catch(() => undefined);
  const waiting = [first];
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => waiting.pop() ?? chunks.next(),
      return: () => chunks.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    }),
  };
}

/** Aborts when nothing is heard for too long. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** `fetch failed` says nothing; its cause does. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : message;
};
