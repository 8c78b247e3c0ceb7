import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readLines } from '../../../io/files/index.js';

/** Whose events lie where. */
export interface EventSource {
  readonly entrant: string;
  readonly seed: number;
  /** A file of events, one a line. */
  readonly file: string;
  /** Of several trainings in one file: the strategy of the one that is meant. @default all */
  readonly strategy?: string;
}

/** One point of a learning curve. */
export interface CurvePoint {
  readonly entrant: string;
  readonly seed: number;
  /** Epochs done. */
  readonly epoch: number;
  readonly images: 'training' | 'test';
  /** Share of images named rightly: of the epoch's training images as augmented, or of the test images after it. */
  readonly accuracy: number;
}

/** A gate at the end of an epoch of the search. */
export interface GatePoint {
  readonly entrant: string;
  readonly seed: number;
  readonly epoch: number;
  /** Index among the entrant's gates. */
  readonly gate: number;
  /** 1 is the highest-ranked gate of all; gates of the same rank share the mean of their places. */
  readonly place: number;
  /** Steps of the epoch in which it was active. */
  readonly sampled: number;
  /** Steps of the epoch. */
  readonly steps: number;
}

/** How the trials learned. */
export interface History {
  readonly curves: readonly CurvePoint[];
  readonly gates: readonly GatePoint[];
}

/** Reads what the trials' events tell. A trial without events (a failed one) has no points. */
export function readHistory(sources: readonly EventSource[]): History {
  const curves: CurvePoint[] = [];
  const gates: GatePoint[] = [];
  for (const source of sources) {
    const { entrant, seed } = source;
    let steps = 0;
    for (const event of eventsOf(source)) {
      if (event.type === 'phase-started') steps = event.stepsPerEpoch;
      if (event.type === 'epoch-ended')
        curves.push({ entrant, seed, epoch: event.epoch + 1, images: 'training', accuracy: event.trainAccuracy });
      // The last one repeats the epoch's, when all is fused.
      if (event.type === 'evaluation' && event.of === 'multi-branch')
        curves.push({ entrant, seed, epoch: event.epoch + 1, images: 'test', accuracy: event.accuracy });
      if (event.type === 'gates') {
        const { epoch, sampled } = event;
        const places = placesOf(event.ranks);
        for (const [gate, place] of places.entries())
          gates.push({ entrant, seed, epoch: epoch + 1, gate, place, sampled: sampled[gate] ?? 0, steps });
      }
    }
  }
  return { curves: withoutRepeated(curves), gates };
}

/** Place of each gate in the ranking, from 1 for the highest. */
export function placesOf(ranks: readonly number[]): number[] {
  const order = [...ranks.keys()].sort((a, b) => (ranks[b] ?? 0) - (ranks[a] ?? 0));
  const places = new Array<number>(ranks.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && ranks[order[to + 1] as number] === ranks[order[from] as number]) to++;
    for (let at = from; at <= to; at++) places[order[at] as number] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return places;
}

/** What of the events is read here; everything else in a line is left alone. */
const heard = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-started'), entrant: z.string() }),
  z.object({ type: z.literal('phase-started'), stepsPerEpoch: z.number() }),
  z.object({ type: z.literal('epoch-ended'), epoch: z.int(), trainAccuracy: z.number() }),
  z.object({ type: z.literal('evaluation'), of: z.string(), epoch: z.int(), accuracy: z.number() }),
  z.object({ type: z.literal('gates'), epoch: z.int(), ranks: z.array(z.number()), sampled: z.array(z.number()) }),
]);

type Heard = z.output<typeof heard>;

function* eventsOf({ file, strategy }: EventSource): Generator<Heard> {
  if (!existsSync(file)) return;
  let current: string | undefined;
  for (const line of readLines(file)) {
    const event = parse(line);
    if (event?.type === 'run-started') current = event.entrant;
    if (event && (strategy === undefined || current === strategy)) yield event;
  }
}

/** Nothing for a step, of which there are millions and none is wanted, for others, and for a line that a process was killed in. */
function parse(line: string): Heard | undefined {
  if (line.startsWith('{"type":"step"')) return undefined;
  try {
    return heard.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const withoutRepeated = (points: readonly CurvePoint[]): CurvePoint[] => [
  ...new Map(
    points.map((point) => [[point.entrant, point.seed, point.images, point.epoch].join('/'), point] as const),
  ).values(),
];
