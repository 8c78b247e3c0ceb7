import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import test from 'ava';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};

/** Packages that a declaration leads to, each with the file that names it. */
function packagesBehind(start: string): Map<string, string> {
  const seen = new Set<string>();
  const packages = new Map<string, string>();
  const waiting = [resolve(start)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const [, from, inline] of readFileSync(file, 'utf8').matchAll(
      /(?:from|^import) '([^']+)'|import\('([^']+)'\)/gm,
    )) {
      const name = from ?? inline ?? '';
      if (name.startsWith('.')) waiting.push(resolve(dirname(file), name.replace(/\.js$/, '.d.ts')));
      else packages.set(name, file);
    }
  }
  return packages;
}

for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  // Its declarations do not check without skipLibCheck.
  test(`the types of ${entry} do not lead to TensorFlow.js`, (t) => {
    const found = [...packagesBehind(target.types)].filter(([name]) => name.includes('tensorflow'));
    t.deepEqual(found, []);
  });
}
