import { parse } from 'yaml';
import { messageOf, show } from './container/describe.js';
import { clean } from './clean.js';
import type { Layer } from './merge.js';
import type { Plain } from './plain.js';
import type { ConfigProblem } from './problem.js';

/** Keys that name files; only a config may set them. */
const LISTED = ['extends', 'plugins', '$schema'];

/**
 * One `--set key.path=value` as a layer. The value is read as YAML, so that numbers, booleans, null, lists and JSON are what
 * they look like. Its relative paths are relative to `folder`.
 */
export function readSetting(setting: string, folder: string): { layer?: Layer; problems: readonly ConfigProblem[] } {
  const origin = `--set ${setting}`;
  const equals = setting.indexOf('=');
  const path = setting.slice(0, Math.max(0, equals));
  const keys = path.split('.');
  if (keys.some((key) => key === '')) {
    return {
      problems: [{ code: 'invalid-value', path, origin: '--set', found: show(setting), expected: 'key.path=value' }],
    };
  }
  if (LISTED.includes(keys[0] ?? '')) {
    const expected = 'a key of the run itself; presets and plugins are listed in a config file';
    return { problems: [{ code: 'refused', path, origin: '--set', found: show(setting), expected }] };
  }
  let value: unknown;
  try {
    value = parse(setting.slice(equals + 1), { maxAliasCount: 0 });
  } catch (error) {
    const [found = ''] = messageOf(error).split('\n');
    const hint = 'Quote a text that looks like a list or an object.';
    return { problems: [{ code: 'unreadable', path, origin, found, expected: 'a YAML or JSON value', hint }] };
  }
  const { values, problems } = clean(nest(keys, value), origin);
  return { layer: { values, source: { name: origin, folder } }, problems };
}

/** Turns `a.b` and 1 into `{ a: { b: 1 } }`; any key becomes an own key. */
const nest = (keys: readonly string[], value: unknown): Plain =>
  keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value) as Plain;
