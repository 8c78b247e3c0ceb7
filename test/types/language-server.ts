import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The TypeScript language server that editors talk to, over its standard streams. */
export class LanguageServer {
  readonly #process;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #received = Buffer.alloc(0);
  #sent = 0;

  constructor(root: string) {
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    this.#process = spawn(process.execPath, [tsc, '--lsp', '--stdio'], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  async start(root: string): Promise<void> {
    await this.#request('initialize', { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: {} });
    this.#send({ method: 'initialized', params: {} });
  }

  /** What an editor would offer at the place of `|` in a text. */
  async complete(file: string, marked: string): Promise<string[]> {
    const at = marked.indexOf('|');
    const before = marked.slice(0, at).split('\n');
    const uri = pathToFileURL(file).href;
    const text = marked.slice(0, at) + marked.slice(at + 1);
    const textDocument = { uri, languageId: 'typescript', version: 1, text };
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } });
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    const result = await this.#request('textDocument/completion', { textDocument: { uri }, position });
    this.#send({ method: 'textDocument/didClose', params: { textDocument: { uri } } });
    const items = (Array.isArray(result) ? result : (result as { items: unknown[] } | null)?.items) ?? [];
    return (items as { label: string }[]).map(({ label }) => label);
  }

  stop(): void {
    this.#process.kill();
  }

  #request(method: string, params: object): Promise<unknown> {
    const id = ++this.#sent;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)));
    });
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, Math.max(0, end)))?.[1]);
      if (end < 0 || this.#received.length < end + 4 + length) return;
      const message = JSON.parse(this.#received.toString('utf8', end + 4, end + 4 + length)) as Message;
      this.#received = this.#received.subarray(end + 4 + length);
      this.#dispatch(message);
    }
  }

  #dispatch({ id, method, ...rest }: Message): void {
    if (id === undefined) return;
    // What the server asks of the editor (its settings, say), this one has no answer to.
    if (method !== undefined) this.#send({ id, result: null });
    else {
      this.#waiting.get(id)?.({ id, ...rest });
      this.#waiting.delete(id);
    }
  }
}
