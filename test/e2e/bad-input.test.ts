import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../core/run/tiny.js';
import { repnas } from '../faults/command.js';

interface Mistake {
  readonly title: string;
  readonly args: readonly string[];
  /** Key path or file, what was found, what was expected. */
  readonly told: readonly RegExp[];
  /** Puts files into the folder that the command runs in. */
  readonly files?: (folder: string) => void;
}

/** The files of CIFAR-10's binary version, the last one of the given size. */
function cifar10(folder: string, lastBytes: number): void {
  const own = join(folder, 'cifar');
  mkdirSync(own);
  for (let batch = 1; batch <= 5; batch++)
    writeFileSync(join(own, `data_batch_${batch}.bin`), new Uint8Array(30730000));
  writeFileSync(join(own, 'test_batch.bin'), new Uint8Array(lastBytes));
}

const quickstart = (...set: string[]) => ['run', 'repnas:quickstart', ...set.flatMap((value) => ['--set', value])];
const onCifar10 = ['run', 'repnas:cifar10-vgg16-toy', '--set', 'dataset.path=cifar'];

const config = (values: object) => (folder: string) =>
  writeFileSync(join(folder, 'my.json'), JSON.stringify({ extends: 'repnas:quickstart', ...values }));

const MISTAKES: readonly Mistake[] = [
  {
    title: 'an unknown preset',
    args: ['run', 'repnas:quickstrat'],
    told: [/found +"repnas:quickstrat"/, /expected +one of .*repnas:quickstart/],
  },
  {
    title: 'an unknown plugin',
    args: ['run', 'my.json'],
    files: config({ plugins: ['nowhere'] }),
    told: [/plugins\.0 {2}\(.*my\.json\)/, /found +"nowhere"/, /no package repnas-plugin-nowhere/],
  },
  {
    title: 'an unknown key',
    args: ['run', 'my.json'],
    files: config({ budgett: { branches: 9 } }),
    told: [/budgett {2}\(.*my\.json\)/, /a key that nothing reads/, /Did you mean budget\?/],
  },
  {
    title: 'an unknown engine',
    args: quickstart('engine=cuda'),
    told: [/engine {2}\(--set engine=cuda\)/, /expected +one of .*wasm/],
  },
  {
    title: 'a budget of 0',
    args: quickstart('budget.branches=0'),
    told: [/budget\.branches/, /expected +more than 0/],
  },
  {
    title: 'a budget beyond the gates',
    args: quickstart('budget.branches=108'),
    told: [/budget\.branches is 108; expected between 1 and 107, the number of gates/],
  },
  {
    title: 'a ratio that keeps no gate',
    args: quickstart('budget.keptRatio=0.005'),
    told: [/budget\.keptRatio 0\.005 of 107 gates is 0; expected between 1 and 107/],
  },
  {
    title: 'an even kernel',
    args: quickstart('backbone={"name":"cifar-quick","kernelSize":4}'),
    told: [/backbone\.kernelSize/, /found +4/, /expected +3, or 5, or 7/],
  },
  { title: 'a missing dataset folder', args: onCifar10, told: [/cifar: there is no such folder/, /dataset\.path/] },
  {
    title: 'a truncated dataset',
    args: onCifar10,
    files: (folder) => cifar10(folder, 30729999),
    told: [/test_batch\.bin: found 30729999 bytes; expected 30730000/],
  },
  {
    title: 'an architecture of another backbone',
    args: ['train', 'repnas:quickstart', '--arch', 'other.json'],
    files: (folder) =>
      writeFileSync(
        join(folder, 'other.json'),
        JSON.stringify({ format: 'repnas-architecture', version: 1, backbone: 'vgg', blocks: { a: ['conv-kxk'] } }),
      ),
    told: [/other\.json: is of backbone 'vgg'; the config's backbone is 'repvgg'/],
  },
  {
    title: 'a run folder that exists',
    args: [...quickstart(), '--out', 'runs', '--name', 'mine'],
    files: (folder) => {
      mkdirSync(join(folder, 'runs/mine'), { recursive: true });
      writeFileSync(join(folder, 'runs/mine/events.jsonl'), '');
    },
    told: [/runs\/mine: holds a run already; give --resume .*--force/],
  },
];

for (const { title, args, told, files } of MISTAKES) {
  test.serial(`${title} is told, with exit code 2 and nothing written`, async (t) => {
    const folder = temporaryFolder();
    files?.(folder);
    const before = readdirSync(folder, { recursive: true }).sort();
    // A log of CI is no terminal, whatever `CI` makes others print.
    const { code, stderr } = await repnas(args, { cwd: folder, env: { ...process.env, CI: 'true' } }).ended;
    for (const pattern of told) t.regex(stderr, pattern);
    t.is(code, 2, stderr);
    t.notRegex(stderr, /^ +at /m, 'no stack');
    t.false(stderr.includes('\u001b'), 'no colour');
    t.deepEqual(readdirSync(folder, { recursive: true }).sort(), before);
  });
}
