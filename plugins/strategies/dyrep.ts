import { z } from 'zod';
import { defineStrategy, type EpochPlan, type Phase } from '../../core/contracts/index.js';
import { adjustableSession } from './dyrep-session.js';
import { onePhase } from './phases.js';

// Released code (hunto/DyRep): on ImageNet every 5 epochs of the first 100 (CIFAR: 15, 500 of 600), γ 0.01, cut at 0.1 and 0.02.
const options = z.strictObject({
  interval: z.int().positive().default(5).describe('epochs between changes of the branches'),
  until: z.int().min(0).default(100).describe('epochs after which the branches stay as they are'),
  gamma: z.number().positive().default(0.01).describe('initial scale of the batch-norm that closes a new branch'),
  cutBelow: z.number().min(0).default(0.1).describe("mean |γ| over the KxK branch's, below which a branch may be cut"),
  spread: z
    .number()
    .min(0)
    .default(0.02)
    .describe('standard deviation of these ratios in a block, above which its low ones are cut'),
});

/**
 * DyRep (arXiv 2203.12868): starts as the plain network. Every few epochs the convolution that the loss depends on most gets
 * all the branches that the search space offers it, small at first and taken off its kernel, so that the function stays;
 * branches whose scale stayed small are folded back.
 */
export const dyrep = defineStrategy({
  name: 'dyrep',
  summary: 'grows and cuts branches while training (DyRep)',
  options,
  usesImportance: false,
  usesBudget: false,
  // It reads the gradients of every step, which only a phase that searches hands out.
  phases: (epochs: EpochPlan): Phase[] => onePhase(epochs).map((phase) => ({ ...phase, searches: true })),
  start: adjustableSession,
});
