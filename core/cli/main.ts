#!/usr/bin/env node
import { createProgram } from './program.js';
import { reportFailure } from './failure.js';

try {
  await (await createProgram()).parseAsync();
} catch (error) {
  process.exitCode = await reportFailure(error);
}
