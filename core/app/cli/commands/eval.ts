import type { Command } from 'commander';
import { setOption, TRUST_PLUGINS } from '../options.js';

export function register(program: Command): void {
  program
    .command('eval')
    .description('accuracy of a finished run on its test images, before and after fusing')
    .argument('<run>', 'a run folder')
    .addOption(setOption())
    .option(...TRUST_PLUGINS)
    .action(
      async (
        run: string,
        { set, trustPlugins }: { readonly set: readonly string[]; readonly trustPlugins?: boolean },
      ) => {
        const { finishAgain } = await import('../finish-again.js');
        const { accuracy, argmaxAgreement, testImages, engine, device } = await finishAgain(run, {
          set,
          trustPlugins,
          formats: [],
        });
        const found = { accuracy, argmaxAgreement, testImages, name: engine, device };
        process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      },
    );
}
