#!/usr/bin/env node
import { createProgram } from './program.js';
import { EXIT, reportFailure } from './failure.js';

/** Node's exit code for an empty event loop while the program still waits. */
const UNSETTLED = 13;

process.once('exit', () => {
  if (process.exitCode !== UNSETTLED) return;
  process.stderr.write(
    'error: the run came to a halt: a part it waits for (a data set, a plugin) will never answer; go on with --resume once that is mended\n',
  );
  process.exitCode = EXIT.failed;
});

// The reader of the output may stop early (`repnas plugins | head`). That ends the command, but not a training.
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

// All output is written. A part that leaves a timer or a connection open, such as a hanging observer, must not keep
// the process alive.
const said = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write('', () => done()));
await Promise.all([said(process.stdout), said(process.stderr)]);
process.exit();
