export { type BranchOpTestOptions, testBranchOp } from './branch-op.js';
export { checkLaws, type Law, LawError } from './law.js';
export { type StrategyTestOptions, testStrategy } from './strategy.js';
