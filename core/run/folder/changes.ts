import type { ResolvedConfig } from '../../config/schema.js';

/** Top-level keys that may change when a run is resumed: what watches it, where it goes, how long it is. */
const FREE = ['observers', 'out', 'checkpoint', 'export'];

/** Keys that may change, but are worth a word. */
const TOLD = ['engine'];

/** A resumed run whose config is not the one it began with. The message lists each key with its old and new value. */
export class ConfigChangedError extends Error {
  /** Paths of the keys that changed. */
  readonly keys: readonly string[];

  constructor(folder: string, changes: readonly ConfigChange[]) {
    const lines = changes.map(({ path, before, now }) => `  ${path}: was ${show(before)}, is ${show(now)}`);
    super(
      `${folder}: the config is not the one this run began with\n${lines.join('\n')}\nResume with the old values, or start another run`,
    );
    this.name = 'ConfigChangedError';
    this.keys = changes.map(({ path }) => path);
  }
}

/** A key that is not what it was when the run began. */
export interface ConfigChange {
  /** Dotted key path. */
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** What differs between the config a run began with and the one it is resumed with, sorted by what that means. */
export function configChanges(
  before: unknown,
  now: ResolvedConfig,
): { forbidden: ConfigChange[]; told: ConfigChange[] } {
  const all = differences(before, JSON.parse(JSON.stringify(now)));
  const top = ({ path }: ConfigChange): string => path.split('.')[0] ?? '';
  const open = all.filter((change) => !FREE.includes(top(change)) && !change.path.startsWith('train.epochs.'));
  return {
    forbidden: open.filter((change) => !TOLD.includes(top(change))),
    told: open.filter((change) => TOLD.includes(top(change))),
  };
}

/** Every value in which two configs differ, by key path. */
export function differences(before: unknown, now: unknown, path = ''): ConfigChange[] {
  if (isObject(before) && isObject(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.flatMap((key) => differences(before[key], now[key], path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [{ path, before, now }];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
