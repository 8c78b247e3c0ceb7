import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import type { EngineReport } from '../doctor.js';

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
      const { examine, engineNames, verdicts } = await import('../doctor.js');
      const names = engine === undefined ? await engineNames() : [];
      const reports: EngineReport[] = engine === undefined ? [] : [await examine(engine)];
      // A process each: what one engine loads must not decide what another finds, nor one that crashes end the others. One
      // after another: they are timed.
      for (const name of names) reports.push(await inProcess(name));
      process.stdout.write(json ? `${JSON.stringify(reports, null, 2)}\n` : verdicts(reports));
    });
}

async function inProcess(engine: string): Promise<EngineReport> {
  const self = process.argv[1] as string;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [self, 'doctor', '--engine', engine, '--json']);
    return (JSON.parse(stdout) as [EngineReport])[0];
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr ?? error).trim();
    return { engine, available: false, reason, install: 'nothing known: the engine crashed' };
  }
}
