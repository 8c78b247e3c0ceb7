import { z } from 'zod';
import { defineObserver } from '../../core/contracts/index.js';
import { barSession, lineSession } from './console-sessions.js';

/** Tells people on stderr how a run goes: a progress bar on a terminal, plain lines elsewhere. */
export const console = defineObserver({
  name: 'console',
  summary: 'A progress bar with rate and time left on a terminal, plain lines elsewhere',
  options: z.strictObject({
    every: z
      .number()
      .positive()
      .max(3600)
      .default(5)
      .describe('seconds between two lines about steps, where there is no terminal'),
  }),
  start: ({ interactive }, { every }) => {
    const screen = { stream: process.stderr, now: () => performance.now() };
    return interactive ? barSession(screen) : lineSession(screen, every * 1000);
  },
});
