import { relative } from 'node:path';
import { Argument, type Command } from 'commander';
import { begin, STARTING_POINTS, type StartingPoint } from '../init.js';

export function register(program: Command): void {
  program
    .command('init')
    .description('write a small working project to start from: a config, or a part of your own with its test')
    .addArgument(new Argument('<kind>', 'what to begin').choices([...STARTING_POINTS]))
    .argument('<name>', 'its name, and that of the new folder')
    .action((kind: StartingPoint, name: string) => {
      const { folder, files } = begin(kind, name, process.cwd());
      const place = relative(process.cwd(), folder);
      for (const file of files) process.stdout.write(`${place}/${file}\n`);
      process.stderr.write(`\ncd ${place} && npm install && npm test && npm start\n`);
    });
}
