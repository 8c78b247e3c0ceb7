import { fileURLToPath } from 'node:url';
import { start } from './command.js';
import { type Findings, skipped } from './findings.js';
import { inFolder } from './short-run.js';
import type { SoakReport } from './soak-child.js';

const CHILD = fileURLToPath(new URL('./soak-child.js', import.meta.url));

/** What resident memory may vary by: the allocators of V8, WebAssembly and oneDNN keep some of what they were given. */
const FLAT_MIB = 48;

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
    const { steps: taken, tensors, residentMiB, missing } = JSON.parse(stdout) as SoakReport;
    if (missing !== undefined) return skipped(what, missing);
    const [before, after] = residentMiB;
    const failures = [
      ...(tensors[0] === tensors[1] ? [] : [`${tensors[0]} tensors became ${tensors[1]}`]),
      ...(after - before <= FLAT_MIB ? [] : [`${before.toFixed(0)} MiB became ${after.toFixed(0)} MiB`]),
    ];
    const fewer = taken < steps ? `${taken} steps only, on a slow driver: ` : '';
    const detail = `${fewer}${tensors[1]} tensors throughout, resident ${before.toFixed(0)} MiB after a fifth, ${after.toFixed(0)} MiB at the end`;
    return { what, tried: 1, failures, detail };
  });
