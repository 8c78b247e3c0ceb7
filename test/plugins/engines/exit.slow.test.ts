import { start } from '../../faults/command.js';
import { examined, OPTIONS } from './available.js';
import { where } from './where.js';

// However a process ends that an engine has computed in, it ends in peace: no crash in what native libraries and their threads do
// when they are unloaded, and the exit code is the process' own.
const here = (path: string): string => new URL(path, import.meta.url).href;

const ENDINGS: readonly {
  readonly how: string;
  readonly code: string;
  readonly exit: number;
  readonly says?: RegExp;
}[] = [
  { how: 'without stopping it', code: '', exit: 0 },
  { how: 'after stopping it', code: 'await session.stop();', exit: 0 },
  {
    how: 'after starting it a second time',
    code: 'await session.stop(); await part.start(options); compute();',
    exit: 0,
  },
  { how: 'by process.exit', code: 'process.exit(3);', exit: 3 },
  { how: 'by an error', code: "throw new Error('of the program');", exit: 1, says: /Error: of the program/ },
];

const programOf = (engine: string, ending: string): string => `
  import * as tf from '@tensorflow/tfjs-core';
  import { engines } from '${here('../../../plugins/engines/index.js')}';
  const part = engines.find(({ name }) => name === '${engine}');
  const options = part.options.parse(${JSON.stringify(OPTIONS[engine] ?? {})});
  const session = await part.start(options);
  const compute = () => console.log(tf.tidy(() => tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])).dataSync()[0]));
  compute();
  ${ending}`;

for (const { engine, probe } of await examined()) {
  for (const { how, code, exit, says } of ENDINGS) {
    where(probe)(`${engine.name} lets its process end ${how}`, async (t) => {
      const cwd = new URL('../../../..', import.meta.url);
      const program = programOf(engine.name, code);
      // Threads that still wait for work when a process ends are what native libraries fall over.
      const env = { ...process.env, OMP_NUM_THREADS: '2' };
      const ended = await start(process.execPath, ['--input-type=module', '--eval', program], { cwd, env }).ended;
      t.is(ended.code, exit, ended.stderr);
      // Greetings and warnings would end up between what the run says.
      t.regex(ended.stdout, /^(?:300\n){1,2}$/);
      // Vulkan's loader says of its own accord that there is no desktop, TensorFlow that it uses oneDNN.
      const said = ended.stderr.replaceAll(/^(?:error: XDG_RUNTIME_DIR |WARNING: All log messages |I0000 ).*\n/gm, '');
      if (says) t.regex(said, says);
      else t.is(said, '');
    });
  }
}
