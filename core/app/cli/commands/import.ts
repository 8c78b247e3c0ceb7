import { join } from 'node:path';
import type { Command } from 'commander';
import { printable } from '../printable.js';
import { type CheckpointOptions, stemOf, withCheckpoint } from '../checkpoint-options.js';
import { collect } from '../options.js';

interface ImportCommandOptions extends CheckpointOptions {
  readonly out?: string;
  readonly format: readonly string[];
}

export function register(program: Command): void {
  withCheckpoint(program.command('import'))
    .description('fold a checkpoint of a published multi-branch network, prove what it computes, and write it')
    .argument('<checkpoint>', 'a safetensors, PyTorch or numpy file, an index of several, or the folder that holds one')
    .option('--format <name>', 'onnx, tfjs, safetensors …; may be given more than once; default: onnx', collect, [])
    .option('-o, --out <folder>', "where the files go, a folder each format; default: the checkpoint's name")
    .action(async (path: string, { out = stemOf(path), format, ...options }: ImportCommandOptions) => {
      const [{ convert }, { writeFileAtomic }] = await Promise.all([
        import('../convert.js'),
        import('../../../io/files/index.js'),
      ]);
      const formats = format.length > 0 ? format : ['onnx'];
      const targets = formats.map((name) => ({ format: name, path: join(out, name) }));
      const { network, certificate, accuracy, notes, exports } = await convert(path, targets, options);
      const { classes: _, certificate: __, ...metadata } = network?.metadata ?? {};
      const report = { checkpoint: path, notes, ...metadata, certificate, accuracy, exports };
      writeFileAtomic(join(out, 'import.json'), `${JSON.stringify(report, null, 2)}\n`);
      process.stdout.write(
        `${printable(JSON.stringify({ ...report, architecture: undefined, certificate: brief(certificate) }, null, 2))}\n`,
      );
    });
}

const brief = ({ blocks: _, ...certificate }: { readonly blocks: object }) => certificate;
