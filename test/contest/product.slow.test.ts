import test from 'ava';
import { loadConfig } from '../../core/config/load.js';
import { ConfigError } from '../../core/config/problem.js';
import { createRunContainer } from '../../core/config/container/plugins.js';
import { createRun } from '../../core/run/run.js';
import { temporaryFolder } from '../core/run/tiny.js';
import { configOf, type Pair } from './pairs.js';

const { registry } = await createRunContainer();
const estimators = registry.parts('importance-estimator');
const sharings = registry.parts('weight-sharing');

/** What a config check says of the combination; nothing where it is accepted. */
const problemsOf = (config: object) =>
  loadConfig(config).then(
    () => [],
    (error: unknown) => {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    },
  );

for (const strategy of registry.parts('strategy')) {
  const { name, usesImportance } = strategy.part;
  for (const sharing of sharings) {
    const weightSharing = sharing.part.name;
    const withSharing = (pair: Omit<Pair, 'title'>) => ({
      ...configOf({ ...pair, title: '' }, temporaryFolder()),
      weightSharing,
    });

    test.serial(
      `${name} with ${weightSharing}: takes every estimator, or says at which key it takes none`,
      async (t) => {
        for (const importance of estimators) {
          const problems = await problemsOf(withSharing({ strategy, importance }));
          if (usesImportance) t.deepEqual(problems, [], importance.part.name);
          else {
            t.like(problems, { length: 1 });
            t.like(problems[0], {
              code: 'refused',
              path: 'importance',
              origin: 'inline',
              found: `"${importance.part.name}"`,
              expected: `none beside strategy ${name}, which does not use it`,
            });
          }
        }
      },
    );

    for (const importance of usesImportance ? estimators : [undefined]) {
      const with_ = importance ? `${importance.part.name} and ${weightSharing}` : weightSharing;
      test.serial(`${name} with ${with_}: trains every phase and folds into what it was`, async (t) => {
        const config = withSharing({ strategy, ...(importance && { importance }) });
        const { main } = await createRun(config, { interactive: false, name: 'run' }).done;
        t.true(main.steps >= 9);
        t.true(main.certificate.passed);
        t.true(Object.values(main.architecture).every(({ length }) => length > 0));
      });
    }
  }
}
