import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { codeBlocks } from './page.js';

test('no block of code is passed over because of the form of its fence', (t) => {
  t.deepEqual(codeBlocks('a\n```js [x.mjs]\nlet x;\n```\n'), [
    { language: 'js', file: 'x.mjs', code: 'let x;\n', line: 3 },
  ]);
  for (const page of ['```\nls\n```\n', '```js {1}\nx\n```\n', '- item\n  ```sh\n  ls\n  ```\n', '~~~sh\nls\n~~~\n'])
    t.throws(() => codeBlocks(page), { message: /line \d+: '.*' begins no block that is known/ });
  for (const page of ['CONTRIBUTING.md', ...pages()]) t.notThrows(() => codeBlocks(readFileSync(page, 'utf8')), page);
});

const pages = (): string[] =>
  readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .map((name) => join('docs', name))
    .filter((path) => path.endsWith('.md') && !/^docs\/(?:node_modules|\.vitepress|api|reference)\//.test(path));
