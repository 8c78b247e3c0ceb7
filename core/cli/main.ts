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

try {
  await (await createProgram()).parseAsync();
} catch (error) {
  process.exitCode = await reportFailure(error);
}
