import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The environment of a process that does something to itself as soon as a path has got its final name: who watches from outside may
 * be looking away for as long as a busy machine likes.
 *
 * @param folder where the preloaded module is put
 * @param action JavaScript; `fs` and the path, `to`, are at hand
 */
export function atRename(folder: string, path: string, action: string): NodeJS.ProcessEnv {
  const preloaded = join(folder, 'at-rename.cjs');
  writeFileSync(
    preloaded,
    `const fs = require('node:fs');
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  renameSync(from, to);
  if (to !== ${JSON.stringify(path)}) return;
  ${action}
};
require('node:module').syncBuiltinESMExports();
`,
  );
  return { ...process.env, NODE_OPTIONS: `--require=${preloaded}` };
}
