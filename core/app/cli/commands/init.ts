import { relative } from 'node:path';
import { Argument, type Command } from 'commander';
import { initProject, STARTING_POINTS, type StartingPoint } from '../../init/project.js';

export function register(program: Command): void {
  program
    .command('init')
    .description('write a small working project to start from: a config, or a part of your own with its test')
    .addArgument(new Argument('<kind>', 'what to begin').choices([...STARTING_POINTS]))
    .argument('<name>', 'its name, and that of the new folder')
    .action((kind: StartingPoint, name: string) => {
      const { folder, files } = initProject(kind, name);
      const place = relative(process.cwd(), folder);
      for (const file of files) process.stdout.write(`${place}/${file}\n`);
      process.stderr.write(`\ncd ${place} && npm install && npm test && npm start\n`);
    });
}
