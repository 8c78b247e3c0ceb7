/**
 * The laws that a part has to keep, for any test runner.
 * @module repnas/testing
 */
export { type BranchOpTestOptions, testBranchOp } from './branch-op.js';
export { type DatasetTestOptions, testDataset } from './dataset.js';
export { type EngineTestOptions, testEngine } from './engine.js';
export { type ImportanceEstimatorTestOptions, testImportanceEstimator } from './importance-estimator.js';
export { checkLaws, type Law, LawError } from './law.js';
export { type ObserverTestOptions, testObserver } from './observer.js';
export { type StrategyTestOptions, testStrategy } from './strategy.js';
