/** A quantity over the course of training: `at(0)` at the first step, `at(1)` after the last. */
export type Schedule = (progress: number) => number;

/** base → final along half a cosine (Loshchilov and Hutter 2017, eq. 5, without restarts). */
export const cosine =
  (base: number, final = 0): Schedule =>
  (progress) =>
    final + ((base - final) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;

export const constant =
  (base: number): Schedule =>
  () =>
    base;

/** Rises linearly from nothing over the first `share` of training, then follows `schedule` over the rest. */
export const warmedUp = (schedule: Schedule, share: number): Schedule =>
  share === 0
    ? schedule
    : (progress) => (progress < share ? schedule(0) * (progress / share) : schedule((progress - share) / (1 - share)));
