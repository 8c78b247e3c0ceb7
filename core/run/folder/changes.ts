import type { ResolvedConfig } from '../../config/schema.js';

/** Top-level keys that may change on resume: observers, output, length. */
const FREE = ['observers', 'out', 'checkpoint', 'export'];

/** Keys that may change with a warning. */
const WARNED = ['engine'];

/** Thrown if a run is resumed with another config. The message lists each changed key with its old and new value. */
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

/** A key that has changed since the run began. */
export interface ConfigChange {
  /** Dotted key path. */
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** Lists the differences between the config that a run began with and the one it resumes with, by consequence. */
export function configChanges(
  before: unknown,
  now: ResolvedConfig,
): { forbidden: ConfigChange[]; warned: ConfigChange[] } {
  const all = differences(before, JSON.parse(JSON.stringify(now)));
  const top = ({ path }: ConfigChange): string => path.split('.')[0] ?? '';
  const open = all.filter((change) => !FREE.includes(top(change)) && !change.path.startsWith('train.epochs.'));
  return {
    forbidden: open.filter((change) => !WARNED.includes(top(change))),
    warned: open.filter((change) => WARNED.includes(top(change))),
  };
}

/** Lists every value in which two configs differ, by key path. */
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
