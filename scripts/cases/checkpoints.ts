import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ConvertOptions, Conversion } from '../../core/app/convert/conversion.js';
import { convertCheckpoint } from '../../core/app/convert/convert.js';
import { openCheckpoint } from '../../core/io/import/index.js';
import { type Outcome, tableOf } from './outcome.js';

/**
 * Checkpoints with what is right of each: `fold` gives the answers of its `.io.safetensors`; `ask` must not pass for proven; `refuse`
 * says what it lacks. Each is tried as its user would: as it is, and then with the answers of the network itself.
 */
export function checkpointCases(folder: string): AsyncIterable<Outcome> | undefined {
  const rows = tableOf(folder);
  return rows[0] && 'right' in rows[0] ? tried(folder, rows) : undefined;
}

async function* tried(folder: string, rows: ReturnType<typeof tableOf>): AsyncGenerator<Outcome> {
  let before = '';
  for (const { file = '', size = '64', right: told = '' } of rows) {
    const right = told === 'the same' ? before : told;
    before = right;
    for (const name of file.split(',').map((part) => part.trim().replaceAll('`', ''))) {
      const path = join(folder, name);
      const kind = kindOf(name);
      if (!existsSync(path)) yield { file: name, kind, verdict: 'WRONG', detail: 'the file is missing' };
      else yield { file: name, kind, ...(await attempt(path, answersOf(folder, name), Number(size) || 64, right)) };
    }
  }
}

const KINDS: Readonly<Record<string, string>> = {
  f: 'forms of one network',
  b: 'batch-norms',
  s: 'structure around the blocks',
  y: 'YOLO blocks',
  n: 'names and numbers of others',
  o: 'OREPA',
  k: 'large kernels',
};

/** The kind that the first letter of a file says. */
export const kindOf = (name: string): string => KINDS[/^([a-z])\d/.exec(name)?.[1] ?? ''] ?? 'others';

/** `NAME.io.safetensors`, or that of all files of its letter. */
function answersOf(folder: string, name: string): string | undefined {
  const stem = basename(name.split('/')[0] ?? '').replace(/\..*$/, '');
  const names = [stem, stem.replace(/-.*$/, ''), stem.slice(0, 1)].map((part) =>
    join(folder, `${part}.io.safetensors`),
  );
  return names.find((path) => existsSync(path));
}

async function attempt(
  path: string,
  answers: string | undefined,
  size: number,
  right: string,
): Promise<Pick<Outcome, 'verdict' | 'detail'>> {
  const out = mkdtempSync(join(tmpdir(), 'repnas-case-'));
  try {
    const whole = await fold(path, { input: [size, size], targets: [onnx(out)] });
    const proven = answers === undefined ? undefined : await fold(path, { expect: answers, targets: [onnx(out)] });
    if (
      /^fold the blocks/.test(right) ||
      (right.startsWith('fold') && typeof whole === 'string' && /blocks|whole network/.test(whole))
    )
      return await blocks(path, out, whole);
    if (right.startsWith('fold')) return folded(whole, proven, right);
    if (right.startsWith('ask')) return await asked(whole, proven, path, out);
    if (typeof whole === 'string') return { verdict: 'refused', detail: whole };
    if (/\(or read\)|or fold/.test(right)) return folded(whole, proven, right);
    return { verdict: 'WRONG', detail: `passed; right is: ${right}` };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const onnx = (out: string) => ({ format: 'onnx', path: join(out, 'model.onnx'), single: true });
const safetensors = (out: string) => ({ format: 'safetensors', path: join(out, 'model.safetensors'), single: true });

/** What came of it, or why not. */
async function fold(path: string, options: ConvertOptions): Promise<Conversion | string> {
  try {
    return await convertCheckpoint(path, { ...options, engine: 'cpu' });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function folded(
  whole: Conversion | string,
  proven: Conversion | string | undefined,
  right: string,
): Pick<Outcome, 'verdict' | 'detail'> {
  if (typeof whole === 'string')
    return / refuse/.test(right) ? { verdict: 'refused', detail: whole } : { verdict: 'WRONG', detail: whole };
  if (proven === undefined) return { verdict: 'held', detail: 'folded; there are no answers to hold it to' };
  if (typeof proven === 'string') return { verdict: 'WRONG', detail: proven };
  const error = proven.certificate.expected?.relativeError ?? Number.NaN;
  return {
    verdict: error <= 1e-4 ? 'held' : 'WRONG',
    detail: `relative error ${error.toExponential(1)} to the network's own answers`,
  };
}

/** Nothing is proven without being told; what was assumed is said; and the network's own answers decide. */
async function asked(
  whole: Conversion | string,
  proven: Conversion | string | undefined,
  path: string,
  out: string,
): Promise<Pick<Outcome, 'verdict' | 'detail'>> {
  const alone = typeof whole === 'string' ? await fold(path, { targets: [safetensors(out)] }) : whole;
  if (typeof alone === 'string') return { verdict: 'refused', detail: alone };
  const { proof, basis } = alone.certificate;
  if (proof !== 'fold' || !basis || basis.assumed.length === 0)
    return { verdict: 'WRONG', detail: 'passed without saying what was assumed' };
  if (proven !== undefined && typeof proven !== 'string' && (proven.certificate.expected?.relativeError ?? 1) > 1e-4)
    return { verdict: 'WRONG', detail: "passed with answers that are not the network's" };
  const after = typeof proven === 'string' ? `; with its answers: ${proven}` : '';
  return { verdict: 'held', detail: `not proven, assumed: ${basis.assumed.join('; ')}${after}` };
}

/** Blocks alone are held to what the official code makes of them, where that is there. */
async function blocks(
  path: string,
  out: string,
  whole: Conversion | string,
): Promise<Pick<Outcome, 'verdict' | 'detail'>> {
  const alone = await fold(path, { targets: [safetensors(out)] });
  if (typeof alone === 'string') return { verdict: 'WRONG', detail: alone };
  const stem = basename(path).replace(/\..*$/, '');
  const truth = readdirSync(dirname(path)).find((name) => name.startsWith(`${stem}.deploy-truth`));
  if (truth === undefined)
    return {
      verdict: 'held',
      detail: `${Object.keys(alone.certificate.blocks).length} blocks folded, relative error ${alone.certificate.relativeError.toExponential(1)}${typeof whole === 'string' ? `; no whole network: ${whole}` : ''}`,
    };
  const [ours, theirs] = [
    await openCheckpoint(join(out, 'model.safetensors')),
    await openCheckpoint(join(dirname(path), truth)),
  ];
  try {
    let [compared, worst, where] = [0, 0, ''];
    for (const [name, shape] of theirs.tensors.shapes) {
      if (!ours.tensors.shapes.has(name) || shape.join() !== ours.tensors.shapes.get(name)?.join()) continue;
      const [a, b] = [await theirs.tensors.read(name), await ours.tensors.read(name)];
      let [difference, scale] = [0, 0];
      for (let at = 0; at < a.length; at++) {
        difference = Math.max(difference, Math.abs(Number(a[at]) - Number(b[at])));
        scale = Math.max(scale, Math.abs(Number(a[at])));
      }
      compared++;
      if (difference / (scale || 1) > worst) [worst, where] = [difference / (scale || 1), name];
    }
    const missing = [...theirs.tensors.shapes.keys()].filter((name) => !ours.tensors.shapes.has(name));
    const more = [...ours.tensors.shapes.keys()].filter((name) => !theirs.tensors.shapes.has(name));
    const detail = `${compared} of ${theirs.tensors.shapes.size} tensors of the official deploy form, relative error ${worst.toExponential(1)} (${where})${missing.length + more.length > 0 ? `; missing ${missing.length} (${missing.slice(0, 2)}), more ${more.length} (${more.slice(0, 2)})` : ''}`;
    return { verdict: worst <= 1e-4 && missing.length === 0 ? 'held' : 'WRONG', detail };
  } finally {
    await ours.close();
    await theirs.close();
  }
}
