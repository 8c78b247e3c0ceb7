import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { start } from '../faults/command.js';

const root = new URL('../../..', import.meta.url);

test('the build of tfjs-node-gpu says that pip finds no wheel, and installs nothing', async (t) => {
  const installed = new URL('node_modules/@tensorflow/tfjs-node-gpu', root);
  const before = existsSync(installed);
  // A pip that knows of no place to look in.
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_CONFIG_FILE: '/dev/null', PIP_FIND_LINKS: '' };
  const script = fileURLToPath(new URL('scripts/build-tfjs-node.mjs', root));
  const { code, stderr } = await start(process.execPath, [script, '--gpu'], { cwd: root, env }).ended;
  t.is(code, 1);
  t.regex(
    stderr,
    /^@tensorflow\/tfjs-node-gpu is not built: pip finds no wheel of tensorflow .*\n.*without --gpu.*\n$/,
  );
  t.is(existsSync(installed), before);
});
