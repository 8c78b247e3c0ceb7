import type { EpochPlan } from '../../contracts/strategy.js';
import type { EntrantDescription, InTimeOf } from './description.js';
import type { Entrant, LoadedComparison } from './load.js';
import { median } from './statistics.js';
import type { TrialRecord } from './trial.js';

// A search that trains every branch spends more time than the network that it is compared with. So that nobody has to guess what
// the other one would have made of that time, a comparison can train it once more: for as many epochs as fit in the time that the
// search took in the trials that have just been run.

/** Its own name in the table. */
export const nameInTime = ({ base, to }: InTimeOf): string => `${base}-in-time-of-${to}`;

/** All of a comparison. */
export const inTimeOf = ({ equalTime }: Pick<LoadedComparison, 'equalTime'>): InTimeOf[] =>
  (equalTime?.entrants ?? []).map((base) => ({ base, to: (equalTime as { readonly to: string }).to }));

/**
 * Returns how many epochs the entrant trains for: those of a comparison that is gone on with, or else its own times the median
 * over the seeds of the other one's training time over its own. Undefined until one seed of both is done.
 */
export function epochsInTime(
  { base, to }: InTimeOf,
  {
    entrants,
    records,
    before,
  }: {
    readonly entrants: readonly Entrant[];
    readonly records: readonly TrialRecord[];
    readonly before: readonly EntrantDescription[];
  },
): EpochPlan | undefined {
  const known = before.find(({ name }) => name === nameInTime({ base, to }));
  if (known) return (known.config['train'] as { readonly epochs: EpochPlan }).epochs;
  const seconds = (entrant: string): Map<number, number> =>
    new Map(
      records.flatMap((record) =>
        record.status === 'done' && record.entrant === entrant
          ? [[record.seed, record.measured.trainingSeconds] as const]
          : [],
      ),
    );
  const own = seconds(base);
  const ratios = [...seconds(to)].flatMap(([seed, time]) => {
    const mine = own.get(seed);
    return mine ? [time / mine] : [];
  });
  const plan = entrants.find(({ name }) => name === base)?.loaded.config.train.epochs;
  if (!plan || ratios.length === 0) return undefined;
  return scaled(plan, median(ratios));
}

/** Epochs times a factor, in whole epochs and in the same proportions; at least one. */
export function scaled({ warmUp, search, frozen }: EpochPlan, factor: number): EpochPlan {
  const total = Math.max(1, Math.round((warmUp + search + frozen) * factor));
  const first = Math.min(total, Math.round(warmUp * factor));
  const second = Math.min(total - first, Math.round(search * factor));
  return { warmUp: first, search: second, frozen: total - first - second };
}
