import { start } from '../../../faults/command.js';
import { here } from './here.js';

const urlOf = (path: string): string => new URL(path, import.meta.url).href;

const START = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { Session } from 'node:inspector';
  import * as tf from '@tensorflow/tfjs-core';
  import { onednn } from '${urlOf('../../../../plugins/engines/onednn/engine.js')}';
  const SIGINT = 1n << 1n;
  const deaf = () => readdirSync('/proc/self/task').filter((thread) => {
    const [, held] = /SigBlk:\\s*(\\w+)/.exec(readFileSync('/proc/self/task/' + thread + '/status', 'utf8'));
    return (BigInt('0x' + held) & SIGINT) !== 0n;
  }).length;
  const before = deaf();
  const session = await onednn.start({ threads: 3 });`;

/** V8's profiler interrupts the thread at each of its ticks, thousands of times a second. */
const PROFILED = `
  const inspector = new Session();
  inspector.connect();
  inspector.post('Profiler.enable');
  inspector.post('Profiler.setSamplingInterval', { interval: 100 });
  inspector.post('Profiler.start');
  const a = tf.ones([144, 4096]);
  for (let product = 0; product < 100; product++) tf.tidy(() => tf.matMul(a, a, false, true).dataSync());
  inspector.post('Profiler.stop', (error, { profile }) => console.log(profile.samples.length));
  await session.stop();`;

async function answer(program: string): Promise<number> {
  const cwd = new URL('../../../../..', import.meta.url);
  const { code, stdout, stderr } = await start(process.execPath, ['--input-type=module', '--eval', program], { cwd })
    .ended;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return Number(stdout);
}

here('signals that come during products of matrices harm nothing', async (t) => {
  t.true((await answer(START + PROFILED)) > 100);
});

here('threads of the library are sent no signal, the one of JavaScript is', async (t) => {
  t.is(await answer(`${START} console.log(deaf() - before);`), 2);
});
