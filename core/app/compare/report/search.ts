import type { EntrantDescription } from '../description.js';
import { type Estimate, estimate } from '../statistics.js';
import type { GatePoint } from './history.js';

/** What the searches of an entrant did with one gate. */
export interface GateReport {
  readonly block: string;
  readonly branch: string;
  /** Steps in which it was active before the architecture was decided. */
  readonly sampled: Estimate;
  /** The same as a share of those steps. */
  readonly share: Estimate;
  /** Its place in the ranking after each epoch of the search, by seed; 1 is the highest, gates of equal rank share a place. Absent: the strategy does not rank. */
  readonly places?: Readonly<Record<string, readonly number[]>>;
}

/** What an entrant's searches did, seed by seed. */
export interface SearchReport {
  /** Limit on what is kept, in `budgetUnit`. */
  readonly budget: number;
  /** Default: gates. */
  readonly budgetUnit?: EntrantDescription['budgetUnit'];
  /** Gates that there are. */
  readonly total: number;
  /** Epochs of the run after which gates were counted and ranked. */
  readonly epochs: readonly number[];
  /** Those that were counted, in the order of the network. */
  readonly gates: readonly GateReport[];
}

/** Absent where no gate was counted. */
export function searchReport(
  { name, gates, budget, budgetUnit, ranked }: EntrantDescription,
  points: readonly GatePoint[],
): SearchReport | undefined {
  const own = points.filter(({ entrant }) => entrant === name).sort((a, b) => a.epoch - b.epoch);
  if (own.length === 0) return undefined;
  return {
    budget,
    ...(budgetUnit && { budgetUnit }),
    total: gates.length,
    epochs: [...new Set(own.map(({ epoch }) => epoch))],
    gates: gates.flatMap(({ block, branch }, gate) => {
      const found = gateReport(
        { block, branch },
        ranked,
        own.filter((point) => point.gate === gate),
      );
      return found ? [found] : [];
    }),
  };
}

/** From a gate's points, in the order of their epochs. */
function gateReport(
  gate: Pick<GateReport, 'block' | 'branch'>,
  ranked: boolean,
  points: readonly GatePoint[],
): GateReport | undefined {
  const seeds = [...new Set(points.map(({ seed }) => seed))].sort((a, b) => a - b);
  const bySeed = <T>(read: (own: readonly GatePoint[]) => T): Map<number, T> =>
    new Map(seeds.map((seed) => [seed, read(points.filter((point) => point.seed === seed))] as const));
  const total = (own: readonly GatePoint[], key: 'sampled' | 'steps'): number =>
    own.reduce((sum, point) => sum + point[key], 0);
  const sampled = estimate(bySeed((own) => total(own, 'sampled')));
  const share = estimate(bySeed((own) => total(own, 'sampled') / Math.max(1, total(own, 'steps'))));
  if (!sampled || !share) return undefined;
  const places = Object.fromEntries(bySeed((own) => own.map(({ place }) => place)));
  return { ...gate, sampled, share, ...(ranked && { places }) };
}

/** Mean over the seeds of a gate's place after the first epoch and after the last. */
export function movement({ places = {} }: GateReport): readonly [first: number, last: number] | undefined {
  const all = Object.values(places).filter(({ length }) => length > 0);
  if (all.length === 0) return undefined;
  const mean = (at: number): number => all.reduce((sum, one) => sum + (one.at(at) ?? 0), 0) / all.length;
  return [mean(0), mean(-1)];
}
