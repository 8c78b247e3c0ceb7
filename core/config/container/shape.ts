import type { PartKind } from '../../contracts/plugin.js';
import { withArticle, nearest, show } from './describe.js';
import { PART_KINDS } from './registry.js';

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Methods that each kind of part must have. */
const METHODS: Record<PartKind, readonly string[]> = {
  'branch-op': ['exists', 'kernels', 'forward', 'fold', 'macs'],
  'search-space': ['branchOps', 'blockSpace'],
  'importance-estimator': ['start'],
  'weight-sharing': ['bind'],
  fuser: ['fuse'],
  strategy: ['phases', 'start'],
  backbone: ['build'],
  dataset: ['open'],
  engine: ['probe', 'start'],
  exporter: ['export'],
  observer: ['start'],
  'checkpoint-family': [],
};

/** Values that a part of the kind must have beside its methods. */
const VALUES: Partial<Record<PartKind, Readonly<Record<string, 'boolean' | 'number' | 'string'>>>> = {
  strategy: { usesImportance: 'boolean', usesBudget: 'boolean' },
  engine: { order: 'number' },
  'checkpoint-family': { deployed: 'string' },
};

/** Describes how a part deviates from its contract. */
export interface ShapeProblem {
  readonly found: string;
  readonly expected: string;
  readonly hint?: string | undefined;
}

/** Returns the first problem with the shape of a part, which may be any value. */
export function shapeProblem(kind: unknown, given: unknown): ShapeProblem | undefined {
  if (!isKind(kind)) {
    const expected = `one of ${PART_KINDS.join(', ')}`;
    return { found: `a part of kind ${show(kind)}`, expected, hint: nearest(String(kind), PART_KINDS) };
  }
  if (typeof given !== 'object' || given === null)
    return { found: `${show(given)} as ${withArticle(kind)}`, expected: withArticle(kind) };
  const part = given as Readonly<Record<string, unknown>>;
  const { name, summary, options } = part;
  if (typeof name !== 'string' || !NAME.test(name)) {
    return {
      found: `${withArticle(kind)} named ${show(name)}`,
      expected: 'a name of lower-case words joined by hyphens',
    };
  }
  const its = `${kind} '${name}'`;
  const missing = METHODS[kind].filter((method) => typeof part[method] !== 'function');
  if (missing.length > 0) {
    return {
      found: `${its} without ${missing.map(called).join(', ')}`,
      expected: METHODS[kind].map(called).join(', '),
    };
  }
  for (const [key, type] of Object.entries(VALUES[kind] ?? {})) {
    const value = part[key];
    if (typeof value !== type) return { found: `${its} with ${key} ${show(value)}`, expected: withArticle(type) };
  }
  if (typeof summary !== 'string' || summary.includes('\n')) {
    return { found: `${its} with summary ${show(summary)}`, expected: 'one line of what it is' };
  }
  if (typeof (options as { safeParse?: unknown } | null | undefined)?.safeParse !== 'function') {
    return {
      found: `${its} with options ${show(options)}`,
      expected: 'a zod schema of its options',
      hint: 'A part without options has z.strictObject({}).',
    };
  }
  return undefined;
}

const isKind = (kind: unknown): kind is PartKind => PART_KINDS.includes(kind as PartKind);

const called = (method: string): string => `${method}()`;
