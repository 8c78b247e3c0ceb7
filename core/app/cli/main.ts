#!/usr/bin/env node
import { createProgram } from './program.js';
import { EXIT, reportFailure } from './failure.js';

/** Node's own code for an event loop that is empty while the program still waits for something. */
const UNSETTLED = 13;

process.once('exit', () => {
  if (process.exitCode !== UNSETTLED) return;
  process.stderr.write(
    'error: the run came to a halt: a part it waits for (a data set, a plugin) will never answer; go on with --resume once that is mended\n',
  );
  process.exitCode = EXIT.failed;
});

// Whoever reads the output may have seen enough (`repnas plugins | head`): that ends the command, but no training.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await (await createProgram()).parseAsync();
} catch (error) {
  process.exitCode = await reportFailure(error);
}

// What was said is said; a part that leaves a timer or a connection behind (an observer that hangs) keeps no process alive.
const said = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write('', () => done()));
await Promise.all([said(process.stdout), said(process.stderr)]);
process.exit();
