import type { Strategy } from '../../core/contracts/index.js';
import { acb } from './acb.js';
import { dbb } from './dbb.js';
import { dyrep } from './dyrep.js';
import { evolution } from './evolution.js';
import { everyBlock } from './every-block.js';
import { given } from './given.js';
import { orepa } from './orepa.js';
import { pair } from './pair.js';
import { plain } from './plain.js';
import { random } from './random.js';
import { repnas } from './repnas.js';
import { repvgg } from './repvgg.js';
import { sgs } from './sgs.js';
import { shrink } from './shrink.js';

const parts = [
  plain,
  acb,
  dbb,
  repvgg,
  pair,
  everyBlock,
  random,
  repnas,
  shrink,
  evolution,
  dyrep,
  sgs,
  orepa,
  given,
] as const;

export type Strategies = typeof parts;

export const strategies: readonly Strategy[] = parts;
