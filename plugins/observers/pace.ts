/** Over how long the pace is taken. */
const WINDOW_MS = 20_000;

interface Sample {
  readonly time: number;
  readonly steps: number;
  readonly images: number;
}

/** How fast steps go by: over the last seconds, and within one phase, since phases differ. */
export class Pace {
  #samples: Sample[] = [];

  /** @param time milliseconds, of any origin */
  start(time: number): void {
    this.#samples = [{ time, steps: 0, images: 0 }];
  }

  step(time: number, images: number): void {
    const last = this.#samples.at(-1);
    this.#samples.push({ time, steps: (last?.steps ?? 0) + 1, images: (last?.images ?? 0) + images });
    // The oldest kept is the last one before the window, so that steps longer than the window have a pace too.
    while ((this.#samples[1]?.time ?? time) < time - WINDOW_MS) this.#samples.shift();
  }

  /** Per second; absent before the first step. */
  perSecond(): { readonly steps: number; readonly images: number } | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    const seconds = first && last ? (last.time - first.time) / 1000 : 0;
    if (!first || !last || seconds <= 0) return undefined;
    return { steps: (last.steps - first.steps) / seconds, images: (last.images - first.images) / seconds };
  }
}
