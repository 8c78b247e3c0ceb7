import { z } from 'zod';
import type { CheckpointFamily, FamilyBranch, FamilyLayer } from '../../contracts/checkpoint-family.js';

// Helpers that the tables of families are written with.

/** A family without options. */
export const defineFamily = <const Name extends string>(
  family: Omit<CheckpointFamily, 'options' | 'name'> & { readonly name: Name },
): CheckpointFamily & { readonly name: Name } => ({ ...family, options: z.strictObject({}) });

export const convolution = (name: string): FamilyLayer => ({ convolution: name });
export const norm = (name: string): FamilyLayer => ({ norm: name });
export const branch = (stem: string, ...layers: readonly FamilyLayer[]): FamilyBranch => ({ stem, layers });
/** A convolution and its batch-norm, by the names that most code has for them. */
export const pair = (stem: string, bn = 'bn'): FamilyBranch => branch(stem, convolution('conv'), norm(bn));
/** Modules that pass their input on and have no tensors. */
export const implied: FamilyBranch = { stem: '(identity)', layers: [], implied: 'always' };
