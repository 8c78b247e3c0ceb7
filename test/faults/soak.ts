import { fileURLToPath } from 'node:url';
import { start } from './command.js';
import { type Findings, skipped } from './findings.js';
import { inFolder } from './short-run.js';
import type { SoakReport } from './soak-child.js';
import { type Sample, theilSenSlope } from './trend.js';

const CHILD = fileURLToPath(new URL('./soak-child.js', import.meta.url));

/** The share of the steps in which allocators, compilers and pools of buffers find their size. */
const WARM_UP = 0.2;

/** What resident memory may rise by in 1,000 steps, MiB: what V8, WebAssembly and oneDNN keep back varies by less. */
const FLAT_MIB = 1;

/** A run of fewer steps is over before that levels out; in all of them it may rise by this many MiB. */
const LONG = 5000;
const FLAT_SHORT_MIB = 24;

/** Trains that many steps on one engine in a process of its own: tensors and resident memory must not grow. */
export const soaked = (engine: string, steps: number): Promise<Findings> =>
  inFolder(async (folder) => {
    const what = `${engine}: ${steps} training steps, memory flat`;
    const { code, stdout, stderr } = await start(process.execPath, [
      '--expose-gc',
      // Newer versions of Node.js let the young generation grow to hundreds of MiB, by what is garbage, not by what is held.
      '--max-semi-space-size=16',
      CHILD,
      engine,
      String(steps),
      folder,
    ]).ended;
    if (code !== 0) return { what, tried: 1, failures: [`exit code ${code}: ${stderr}`], detail: '' };
    const report = JSON.parse(stdout) as SoakReport;
    if (report.missing !== undefined) return skipped(what, report.missing);
    return { what, tried: 1, failures: grown(report), detail: `on ${report.device}: ${inWords(report)}` };
  });

const lastStep = ({ residentMiB }: SoakReport): number => residentMiB.at(-1)?.[0] ?? 0;

const warm = (samples: readonly Sample[], steps: number): Sample[] =>
  samples.filter(([step]) => step > steps * WARM_UP);

const risePerThousand = (report: SoakReport): number =>
  1000 * theilSenSlope(warm(report.residentMiB, lastStep(report)));

/** What grew, in words; nothing where nothing did. */
export function grown(report: SoakReport): string[] {
  const steps = lastStep(report);
  const counts = warm(report.tensors, steps).map(([, count]) => count);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const allowed = steps < LONG ? (1000 * FLAT_SHORT_MIB) / steps : FLAT_MIB;
  const rise = risePerThousand(report);
  return [
    ...(fewest === most ? [] : [`there were ${fewest} to ${most} tensors; expected one number after every step`]),
    ...(rise <= allowed
      ? []
      : [`resident memory rose by ${rise.toFixed(2)} MiB in 1,000 steps; expected at most ${allowed.toFixed(2)}`]),
  ];
}

function inWords(report: SoakReport): string {
  const resident = warm(report.residentMiB, lastStep(report)).map(([, mib]) => mib);
  const [first, last, most] = [resident[0], resident.at(-1), Math.max(...resident)].map((mib) => mib?.toFixed(0));
  const tensors = report.tensors.at(-1)?.[1];
  const slope = risePerThousand(report).toFixed(2);
  return `${tensors} tensors; resident ${first} MiB after a fifth, ${last} at the end, ${most} at most, slope ${slope} MiB in 1,000 steps`;
}
