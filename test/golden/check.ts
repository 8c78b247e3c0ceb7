import type { ExecutionContext } from 'ava';
import { checkBlock, checkOp } from './blocks.js';
import type { GoldenCase } from './cases.js';
import { checkStep } from './step.js';

/** Holds what this package computes to a reference case. What is checked depends on its kind, never on its name. */
export async function checkCase(t: ExecutionContext, golden: GoldenCase): Promise<void> {
  switch (golden.kind) {
    case 'repnas-op':
      return checkOp(t, golden);
    case 'dbb':
    case 'acb':
      return checkBlock(t, golden);
    case 'supernet-step':
      return checkStep(t, golden);
    default:
      t.fail(`this kind of case cannot be checked: ${JSON.stringify((golden as { kind?: unknown }).kind)}`);
  }
}
