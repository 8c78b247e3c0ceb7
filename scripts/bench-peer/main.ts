import { cpus } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ComparisonOptions, compare, type Row } from './compare.js';
import { convolutionSpeeds } from './convolution-speeds.js';
import { timeToFirstStep } from './first-step.js';
import { MODES, type Mode, type Setting } from './modes.js';
import { ownCosts } from './own-costs.js';
import { findPython } from './python.js';
import { branchTable, comparisonTable, kernelTable, speedTable } from './report.js';

// Training steps and inference of ours beside PyTorch's, in turn, and what our own costs are made of.

interface Options {
  readonly mode?: Mode[];
  readonly steps: number;
  readonly threads: number;
  readonly width: number;
  readonly batch: number;
  readonly kept: number;
  readonly engine: string;
  readonly blockEvaluation: string;
  readonly python?: string;
  readonly isa: 'best' | 'avx2';
  readonly json?: boolean;
}

/** What keeps each library that either side computes with to AVX2; the processes of both inherit it. */
const AVX2_ALONE = {
  DNNL_MAX_CPU_ISA: 'AVX2',
  ONEDNN_MAX_CPU_ISA: 'AVX2',
  ATEN_CPU_CAPABILITY: 'avx2',
  MKL_ENABLE_INSTRUCTIONS: 'AVX2',
};

const number =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!(value >= least)) throw new InvalidArgumentError(`expected a number of at least ${least}`);
    return value;
  };

const program = new Command('bench:peer')
  .description(
    'training steps and inference of VGG-16 on 32x32 images beside PyTorch, in turn: medians, ratios ours/peer',
  )
  .option('--mode <names...>', `which of ${MODES.join(', ')}; default: all`)
  .option('--steps <count>', 'steps counted of each', number(7), 15)
  .option('--threads <count>', 'threads of both sides', number(1), 2)
  .option('--width <factor>', 'channel counts times this', number(0.01), 0.25)
  .option('--batch <images>', 'images in a step', number(2), 64)
  .option('--kept <share>', 'share of the gates that are active in a step of repnas', number(0.01), 0.34)
  .option('--engine <name>', 'engine of ours', 'onednn')
  .option('--block-evaluation <name>', 'how ours computes a block of several branches', 'auto')
  .option('--python <path>', 'a Python that has PyTorch; default: the first that is found')
  .addOption(
    new Option('--isa <name>', 'instructions that both sides may use: avx2 where the machine has wider ones')
      .choices(['best', 'avx2'])
      .default('best'),
  )
  .option('--json', 'only { rows } as JSON on stdout')
  .action(run);

async function run(options: Options): Promise<void> {
  const unknown = options.mode?.find((mode) => !MODES.includes(mode));
  if (unknown) throw new Error(`there is no mode '${unknown}'; expected ${MODES.join(', ')}`);
  if (options.isa === 'avx2') Object.assign(process.env, AVX2_ALONE);
  const python = await findPython(options.python);
  const tell = (text: string): void => void process.stderr.write(text);
  const settingOf = (mode: Mode): Setting => ({ ...settings(options), mode });
  const { engine, blockEvaluation, steps } = options;
  const comparison: ComparisonOptions = { engine, blockEvaluation, python, steps };
  const rows: Row[] = [];
  for (const mode of options.mode ?? MODES) {
    tell(`${mode} …\n`);
    rows.push(await compare(settingOf(mode), comparison));
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
  else process.stdout.write(`${cpus()[0]?.model.trim()}\n${comparisonTable(rows)}${kernelTable(rows)}`);
  if (options.json) return;
  process.stdout.write(branchTable(await ownCosts(settings(options), comparison)));
  process.stdout.write(`from the command to the end of the first step: ${(await firstStep(options)).toFixed(0)} ms\n`);
  if (engine !== 'onednn') return;
  const { peak, convolutions } = await convolutionSpeeds(options.width, options.batch, options.threads);
  process.stdout.write(speedTable(peak, convolutions));
}

const settings = ({ width, batch, threads, kept }: Options): Omit<Setting, 'mode'> => ({ width, batch, threads, kept });

const firstStep = (options: Options): Promise<number> =>
  timeToFirstStep({ ...settings(options), mode: 'plain' }, options.engine);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
