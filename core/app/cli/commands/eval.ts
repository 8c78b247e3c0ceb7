import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('eval')
    .description('accuracy of a finished run on its test images, before and after fusing')
    .argument('<run>', 'a run folder')
    .option('--set <key=value>', 'lay a value over the config', (value: string, all: string[]) => [...all, value], [])
    .action(async (run: string, { set }: { readonly set: readonly string[] }) => {
      const { finishAgain } = await import('../finish-again.js');
      const { accuracy, argmaxAgreement, testImages, engine, device } = await finishAgain(run, { set, formats: [] });
      const found = { accuracy, argmaxAgreement, testImages, name: engine, device };
      process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    });
}
