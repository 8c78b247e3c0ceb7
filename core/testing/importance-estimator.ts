import { shapeProblem } from '../config/container/shape.js';
import type { ConfigFile } from '../config/define.js';
import type { ImportanceEstimator } from '../contracts/index.js';
import { expect, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';
import { checkResume, checkSeed } from './same-run.js';
import { inTemporaryFolder, runTrial, type Trial, underTest } from './trial.js';

/** With what the laws of an importance estimator are tried. */
export interface ImportanceEstimatorTestOptions {
  /** Options of the estimator, as a config writes them. @default {} */
  readonly options?: object;
  /** Laid over the config of the runs: another strategy that ranks, say. @default {} */
  readonly config?: ConfigFile;
  /** @default 1 */
  readonly seed?: number;
}

/**
 * The laws of an importance estimator, each to be run as a test, on small real searches: it ranks every gate by a number, its
 * noise comes from the run's seed, and its state survives a resume.
 */
export function testImportanceEstimator<Options>(
  estimator: ImportanceEstimator<Options>,
  given: ImportanceEstimatorTestOptions = {},
): Law[] {
  const { options = {}, config = {}, seed = 1 } = given;
  const law = lawOf(`importance estimator '${estimator.name}'`);
  const { plugins, choice } = underTest('importance-estimator', estimator as ImportanceEstimator, options);
  const configs = [{ plugins, strategy: 'repnas', importance: choice }, config];
  let whole: Promise<Trial> | undefined;
  const wholeRun = (): Promise<Trial> => {
    whole ??= inTemporaryFolder((folder) => runTrial({ configs, folder, seed }));
    return whole;
  };
  return [
    law('is what the contract of an importance estimator says', () => {
      const problem = shapeProblem('importance-estimator', estimator);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      parsed(estimator, options)();
    }),
    law('ranks every gate by a number', async () => {
      const { events } = await wholeRun();
      const gates = events.find((event) => event.type === 'run-started')?.gates;
      for (const event of events) {
        if (event.type !== 'gates') continue;
        const { ranks, epoch } = event;
        expect(ranks.length === gates, `after epoch ${epoch} it ranks ${ranks.length} of ${gates} gates`);
        const wrong = ranks.findIndex((rank) => !Number.isFinite(rank));
        expect(wrong < 0, `after epoch ${epoch} gate ${wrong} has rank ${ranks[wrong]}`);
      }
    }),
    law('gives the same run for the same seed, and another for another', async () =>
      checkSeed(await wholeRun(), { configs, seed }),
    ),
    law('ends the same, to the byte, when the run is stopped and resumed', async () =>
      checkResume(await wholeRun(), { configs, seed }),
    ),
  ];
}
