// How a rate, such as the learning rate, changes over a training. Rates follow the progress of the whole run and change with every step;
// those that are given in epochs count the epochs of the run, whatever its phases.

/** A rate over the course of training: `at(0)` at the first step, `at(1)` after the last. */
export type RateSchedule = (progress: number) => number;

/** The config's `train.schedule`. */
export type ScheduleOptions =
  | { readonly name: 'constant' }
  | ({ readonly warmUpEpochs: number } & (
      | { readonly name: 'cosine'; readonly final: number }
      | { readonly name: 'linear'; readonly final: number }
      | { readonly name: 'polynomial'; readonly final: number; readonly power: number }
      | { readonly name: 'exponential'; readonly factor: number }
      | { readonly name: 'step'; readonly everyEpochs: number; readonly factor: number }
      | { readonly name: 'multi-step'; readonly epochs: readonly number[]; readonly factor: number }
      | { readonly name: 'warm-restarts'; readonly epochs: number; readonly times: number; readonly final: number }
    ))
  | { readonly name: 'one-cycle'; readonly rise: number; readonly first: number; readonly final: number };

/** Returns the learning rate of a training of so many epochs. `base` is the config's `train.optimizer.learningRate`. */
export function learningRate(options: ScheduleOptions, base: number, epochs: number): RateSchedule {
  if (options.name === 'constant') return constant(base);
  if (options.name === 'one-cycle') return oneCycle(base, options);
  const rise = Math.min(1, options.warmUpEpochs / epochs);
  return warmedUp(afterRise(options, base, epochs - options.warmUpEpochs), rise);
}

type AfterRise = Exclude<ScheduleOptions, { readonly name: 'constant' | 'one-cycle' }>;

/** The rate from the end of the rise on; epochs are counted from there, as torch.optim.lr_scheduler.SequentialLR does. */
function afterRise(options: AfterRise, base: number, epochs: number): RateSchedule {
  switch (options.name) {
    case 'cosine':
      return cosine(base, options.final);
    case 'linear':
      return polynomial(base, options.final, 1);
    case 'polynomial':
      return polynomial(base, options.final, options.power);
    case 'exponential':
      return (progress) => base * options.factor ** (progress * epochs);
    case 'step':
      return (progress) => base * options.factor ** wholeEpochs(progress * epochs, options.everyEpochs);
    case 'multi-step':
      return (progress) =>
        base * options.factor ** options.epochs.filter((epoch) => wholeEpochs(progress * epochs, epoch) >= 1).length;
    case 'warm-restarts':
      return warmRestarts(base, options, epochs);
  }
}

/** Steps are fractions of an epoch, whose sums miss whole numbers by rounding. */
const ROUNDING = 1e-9;

const wholeEpochs = (epoch: number, each: number): number => Math.floor(epoch / each + ROUNDING);

/** Decays from `base` to `final` along half a cosine (Loshchilov and Hutter 2017, eq. 5, without restarts). */
export const cosine =
  (base: number, final = 0): RateSchedule =>
  (progress) =>
    final + ((base - final) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;

export const constant =
  (base: number): RateSchedule =>
  () =>
    base;

/** Decays from `base` to `final` along (1 − progress)^power. */
const polynomial =
  (base: number, final: number, power: number): RateSchedule =>
  (progress) =>
    final + (base - final) * (1 - Math.min(1, progress)) ** power;

/** Decays along half a cosine again and again, each time over `times` as many epochs (Loshchilov and Hutter 2017, SGDR). */
function warmRestarts(
  base: number,
  { epochs: first, times, final }: Extract<AfterRise, { readonly name: 'warm-restarts' }>,
  total: number,
): RateSchedule {
  const decay = cosine(base, final);
  return (progress) => {
    let [from, length] = [0, first];
    const epoch = progress * total;
    while (epoch >= from + length - ROUNDING) {
      from += length;
      length *= times;
    }
    return decay(Math.max(0, epoch - from) / length);
  };
}

/**
 * Rises from `first` times the base to the base along half a cosine over the fraction `rise` of training, then falls to `final` times the
 * base (Smith and Topin 2019; torch.optim.lr_scheduler.OneCycleLR, whose `final_div_factor` divides its first rate).
 */
function oneCycle(
  base: number,
  { rise, first, final }: Extract<ScheduleOptions, { readonly name: 'one-cycle' }>,
): RateSchedule {
  const [up, down] = [cosine(base * first, base), cosine(base, base * final)];
  return (progress) => (progress < rise ? up(progress / rise) : down((progress - rise) / (1 - rise)));
}

/** Rises linearly from zero over the first `fraction` of training, then follows `schedule` over the rest. */
export const warmedUp = (schedule: RateSchedule, fraction: number): RateSchedule =>
  fraction === 0
    ? schedule
    : (progress) =>
        progress < fraction ? schedule(0) * (progress / fraction) : schedule((progress - fraction) / (1 - fraction));
