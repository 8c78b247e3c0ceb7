export { type BranchOpTestOptions, testBranchOp } from './branch-op.js';
export { checkLaws, type Law, LawError } from './law.js';
