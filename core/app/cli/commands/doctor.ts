import type { Command } from 'commander';

interface DoctorOptions {
  readonly engine?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('doctor')
    .description('which engines this machine can run, on which device, how fast, and what to install for a faster one')
    .option('--engine <name>', 'one engine only')
    .option('--json', 'as JSON on stdout')
    .action(async ({ engine, json }: DoctorOptions) => {
      const [{ examineEngines }, { verdicts }] = await Promise.all([
        import('../../doctor/engines.js'),
        import('../verdicts.js'),
      ]);
      const reports = await examineEngines({ engines: engine === undefined ? undefined : [engine] });
      process.stdout.write(json ? `${JSON.stringify(reports, null, 2)}\n` : verdicts(reports, engine === undefined));
    });
}
