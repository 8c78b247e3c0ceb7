/** Stops intercepting. */
export type Release = () => void;

type Immediate = typeof setImmediate;

/**
 * Dawn looks for finished GPU work in callbacks that it hands to `setImmediate`, so nothing finishes while JavaScript waits.
 * This keeps those callbacks at hand, for {@link pump} to run them at once; they are the only native functions that come by.
 */
export class Ticks {
  readonly #waiting = new Set<() => void>();

  intercept(): Release {
    const original = globalThis.setImmediate;
    const own = ((callback: (...values: unknown[]) => void, ...values: unknown[]) => {
      if (!isNative(callback)) return original(callback, ...values);
      const tick = (): void => {
        if (this.#waiting.delete(tick)) callback(...values);
      };
      this.#waiting.add(tick);
      return original(tick);
    }) as Immediate;
    globalThis.setImmediate = Object.assign(own, original);
    return () => {
      if (globalThis.setImmediate === own) globalThis.setImmediate = original;
    };
  }

  /** Runs Dawn's callbacks until `done` says so. @throws Error when there are none left and it does not. */
  pump(done: () => boolean): void {
    while (!done()) {
      const [tick] = this.#waiting;
      if (!tick) throw new Error('webgpu: the device has no work left and gave no answer; was it lost?');
      tick();
    }
  }
}

const isNative = (callback: unknown): boolean => Function.prototype.toString.call(callback).includes('[native code]');
