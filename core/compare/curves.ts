import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NumberedEvent } from '../contracts/events.js';
import { RUN_FILES } from '../run/layout.js';
import type { Trial } from './load.js';

/** One point of a learning curve. */
export interface CurvePoint {
  readonly entrant: string;
  readonly seed: number;
  /** Epochs done. */
  readonly epoch: number;
  /** Share of training images named rightly in that epoch. */
  readonly accuracy: number;
}

/** A gate at the end of an epoch of the search. */
export interface GatePoint {
  readonly entrant: string;
  readonly seed: number;
  readonly epoch: number;
  /** Index in the search space's order. */
  readonly gate: number;
  /** 1 is the highest-ranked gate of all. */
  readonly place: number;
  /** Share of the epoch's steps in which it was active. */
  readonly sampled: number;
}

/** What the trials' events tell of how they learned. A trial without events (a failed one) has no points. */
export function readCurves(out: string, trials: readonly Trial[]): { curves: CurvePoint[]; gates: GatePoint[] } {
  const curves: CurvePoint[] = [];
  const gates: GatePoint[] = [];
  for (const { entrant, seed, name } of trials) {
    let steps = 0;
    for (const event of eventsOf(join(out, name, RUN_FILES.events))) {
      if (event.type === 'phase-started') steps = event.stepsPerEpoch;
      if (event.type === 'epoch-ended')
        curves.push({ entrant, seed, epoch: event.epoch + 1, accuracy: event.trainAccuracy });
      if (event.type === 'gates') {
        const order = [...event.ranks.keys()].sort((a, b) => (event.ranks[b] ?? 0) - (event.ranks[a] ?? 0));
        for (const [place, gate] of order.entries()) {
          const sampled = (event.sampled[gate] ?? 0) / steps;
          gates.push({ entrant, seed, epoch: event.epoch + 1, gate, place: place + 1, sampled });
        }
      }
    }
  }
  return { curves, gates };
}

function eventsOf(file: string): NumberedEvent[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as NumberedEvent);
}
