import type { ModuleFacts } from './module-facts.js';
import type { StoredZip } from './stored-zip.js';

export type { ModuleFacts } from './module-facts.js';

/**
 * What the code of a TorchScript file says of its modules. The code is text here, and is searched for the calls that hold numbers as
 * they are (which tracing writes): a batch-norm's ε, a convolution's stride, padding and dilation. A module whose code says it in
 * any other way stays unknown.
 */

/** Enough for the code of any network. */
const MAX_CODE = 32 * 2 ** 20;

const PAIR = '\\[(\\d+), (\\d+)\\]';
const NORM = /torch\.batch_norm\([^()]*?(?:False|True|training), [\d.e+-]+, ([\d.e+-]+), (?:True|False)\)/;
const CONVOLUTION = new RegExp(`torch\\.(?:_convolution|conv2d)\\([^()\\[\\]]*?${PAIR}, ${PAIR}, ${PAIR}`);
/** What says more than its own class does: a module with any of these has a forward of its own kind. */
const CLASS = /^class (\w+)\(Module\):$/gm;

/** Facts by the full name of a class; undefined where the archive holds no code. */
export async function scriptFacts(
  zip: StoredZip,
  folder: string,
): Promise<ReadonlyMap<string, ModuleFacts> | undefined> {
  const prefix = `${folder}code/`;
  const files = [...zip.records].filter(([name]) => name.startsWith(prefix) && name.endsWith('.py'));
  if (files.length === 0) return undefined;
  const facts = new Map<string, ModuleFacts>();
  let bytes = 0;
  for (const [name, size] of files) {
    bytes += size;
    if (bytes > MAX_CODE) break;
    const text = Buffer.from(await zip.read(name)).toString('utf8');
    const module = name.slice(prefix.length, -'.py'.length).replaceAll('/', '.');
    for (const [type, body] of classesIn(text)) facts.set(`${module}.${type}`, factsOf(type, body));
  }
  return facts;
}

function classesIn(text: string): readonly (readonly [type: string, body: string])[] {
  const starts = [...text.matchAll(CLASS)];
  return starts.map((match, index) => [match[1] as string, text.slice(match.index, starts[index + 1]?.index)]);
}

function factsOf(type: string, body: string): ModuleFacts {
  const [, epsilon] = NORM.exec(body) ?? [];
  const [, ...window] = CONVOLUTION.exec(body) ?? [];
  const [strideY, strideX, padY, padX, dilationY, dilationX] = window.map(Number);
  return {
    type,
    ...(epsilon !== undefined && { epsilon: Number(epsilon) }),
    ...(window.length === 6 && {
      stride: [strideY as number, strideX as number] as const,
      padding: [padY as number, padX as number] as const,
      dilation: [dilationY as number, dilationX as number] as const,
      paddingMode: 'zeros',
    }),
  };
}
