import { z } from 'zod';

const timing = z.looseObject({ median: z.number(), p99: z.number(), samples: z.int() });
const cost = z.looseObject({ parameters: z.number(), macs: z.number() });

const named = {
  entrant: z.string(),
  seed: z.int(),
  name: z.string(),
  attempts: z.int(),
  jobs: z.int(),
};

/** What of a trial's record others reckon with; the rest is as it was written. */
export const recordSchema = z.discriminatedUnion('status', [
  z.looseObject({ ...named, status: z.literal('failed'), reason: z.string() }),
  z.looseObject({
    ...named,
    status: z.literal('done'),
    result: z.looseObject({
      engine: z.string(),
      device: z.string(),
      versions: z.record(z.string(), z.string()),
      testImages: z.int(),
      accuracy: z.looseObject({ multiBranch: z.number(), fused: z.number() }),
      architecture: z.record(z.string(), z.array(z.string())),
      cost: z.looseObject({ training: cost, fused: cost }),
    }),
    measured: z.looseObject({
      trainingSeconds: z.number(),
      searchSeconds: z.number(),
      searchSteps: z.int(),
      peakMiB: z.number(),
      latency: z.looseObject({ batch: z.int(), unfused: timing, fused: timing }),
    }),
  }),
]);
