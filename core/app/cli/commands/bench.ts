import { Option, type Command } from 'commander';
import type { BenchCommandOptions } from '../bench.js';
import { list, positiveInteger, TRUST_PLUGINS, withConfig } from '../options.js';

export function register(program: Command): void {
  withConfig(program.command('bench'))
    .description('time training steps and inference, fused and unfused, of branch ops, blocks and networks, per engine')
    .option(
      '--engine <names>',
      'engines, joined by commas; default: all that can run here, but for the reference',
      list,
    )
    .option('--only <groups>', 'branch-ops, blocks, networks, joined by commas', list, [])
    .option('--strategies <names>', 'whose branches blocks and networks have, joined by commas; default: all', list)
    .addOption(
      new Option('--time <ms>', 'how long each figure is measured at least').argParser(positiveInteger).default(300),
    )
    .addOption(new Option('--channels <n>', 'channels of the block').argParser(positiveInteger).default(64))
    .addOption(new Option('--size <pixels>', 'height and width of its image').argParser(positiveInteger).default(16))
    .addOption(new Option('--kernel <k>', 'K of its KxK convolution').argParser(positiveInteger).default(3))
    .option(
      '--deploy <model>',
      'instead: latency, throughput, memory and size of a network, unfused and fused, and in onnxruntime-node: of a run folder, or of a checkpoint, as import reads it; or an exported model (FILE.onnx, a folder for TensorFlow.js) in the program that reads it',
    )
    .option(
      '--image <pixels>',
      'with --deploy of a checkpoint or model: height and width of its images, as 224 or 192x256',
    )
    .option('--json', 'as JSON on stdout')
    .option(...TRUST_PLUGINS)
    .action(async (config: string | undefined, options: BenchCommandOptions) => {
      if (options.deploy !== undefined) {
        const { runDeployBench } = await import('../bench-deploy.js');
        return runDeployBench(options.deploy, options);
      }
      const { runBench } = await import('../bench.js');
      await runBench(config, options);
    });
}
