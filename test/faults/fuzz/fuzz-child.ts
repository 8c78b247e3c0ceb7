import { inspect } from 'node:util';
import fc from 'fast-check';
import { subjects } from './subjects.js';

/** What a process of its own found out about one reader. */
export interface FuzzReport {
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** Most memory the process had in RAM, MiB, and before the first input. */
  readonly peakMiB: number;
  readonly baseMiB: number;
  readonly failures: readonly string[];
}

/** Of processor time: what others compute meanwhile is not the reader's. */
const SLOW_MS = 5000;
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const [folder = '', name = '', runs = '0', seed = '0'] = process.argv.slice(2);
const subject = (await subjects(folder))[name];
if (!subject) throw new Error(`there is no reader of ${name}`);

const peak = (): number => process.resourceUsage().maxRSS / 1024;
const base = peak();
let accepted = 0;
let refused = 0;
let slowest = 0;
const failures: string[] = [];
await fc.assert(
  fc.asyncProperty(subject.inputs, async (input) => {
    const began = spent();
    let problem: string | undefined;
    try {
      await subject.read(input);
      accepted++;
    } catch (error) {
      refused++;
      if (!subject.located(error)) problem = `refused without a place: ${inspect(error, { depth: 1 })}`;
    }
    const took = spent() - began;
    slowest = Math.max(slowest, took);
    if (took > SLOW_MS) problem = `took ${took.toFixed(0)} ms`;
    if (problem !== undefined && failures.length < 10) failures.push(`${problem}\n  input ${show(input)}`);
  }),
  { numRuns: Number(runs), seed: Number(seed), endOnFailure: true },
);
const report: FuzzReport = { accepted, refused, slowestMs: slowest, peakMiB: peak(), baseMiB: base, failures };
process.stdout.write(JSON.stringify(report));

function show(input: unknown): string {
  return input instanceof Uint8Array
    ? Buffer.from(input).toString('base64').slice(0, 2000)
    : inspect(input, { depth: 8 }).slice(0, 2000);
}
