import type { BranchOp } from '../../core/contracts/index.js';
import { conv1x1 } from './conv-1x1.js';
import { conv1x1Average } from './conv-1x1-avg.js';
import { conv1x1KxK } from './conv-1x1-kxk.js';
import { conv1xK } from './conv-1xk.js';
import { convKxK } from './conv-kxk.js';
import { convKx1 } from './conv-kx1.js';
import { identity } from './identity.js';

const parts = [conv1x1, convKxK, conv1x1KxK, conv1x1Average, conv1xK, convKx1, identity] as const;

export type BranchOps = typeof parts;

export const branchOps: readonly BranchOp[] = parts;
