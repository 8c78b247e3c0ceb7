import test from 'ava';
import { testImportanceEstimator } from '../../../core/testing/index.js';
import { importanceEstimators } from '../../../plugins/importance-estimators/index.js';

for (const estimator of importanceEstimators) {
  for (const { name, check } of testImportanceEstimator(estimator)) {
    test.serial(name, async (t) => t.notThrowsAsync(check));
  }
}
