import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';

interface DashboardOptions {
  readonly host: string;
  readonly port: number;
}

function portNumber(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > 65_535) throw new InvalidArgumentError('expected 0 to 65535');
  return Number(value);
}

export function register(program: Command): void {
  program
    .command('dashboard')
    .description('show runs and comparisons in a browser while they go on: a local web server, which only reads')
    .argument('[folders...]', 'folders below which runs and comparisons lie; default: runs')
    .option('--host <address>', 'address to listen on; others than 127.0.0.1 ask for a token', '127.0.0.1')
    .option('--port <number>', '0: any that is free', portNumber, 4180)
    .action(async (folders: string[], { host, port }: DashboardOptions) => {
      const { serveDashboard } = await import('../../dashboard/serve.js');
      const serving = await serveDashboard({ folders: folders.length > 0 ? folders : ['runs'], host, port });
      process.stdout.write(`${serving.url}\n`);
      process.stderr.write('Ctrl-C ends the dashboard; runs go on without it\n');
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await serving.close();
    });
}
