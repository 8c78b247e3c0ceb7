/** Stops intercepting. */
export type Release = () => void;

type Immediate = typeof setImmediate;

/**
 * Milliseconds between two looks at the device, so that a driver which computes on the CPU has the core that looking would
 * take. Short beside any step.
 */
const REST = 0.05;

/**
 * Dawn looks for finished GPU work in callbacks that it hands to `setImmediate`, one after the other, so nothing finishes while
 * JavaScript waits. This keeps those callbacks at hand, for {@link pump} to run them at once; they are the only native
 * functions that come by.
 */
export class Ticks {
  readonly #waiting = new Map<() => void, NodeJS.Immediate>();
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));

  intercept(): Release {
    const original = globalThis.setImmediate;
    const own = ((callback: (...values: unknown[]) => void, ...values: unknown[]) => {
      if (!isNative(callback)) return original(callback, ...values);
      const tick = (): void => {
        this.#waiting.delete(tick);
        this.#rest();
        callback(...values);
      };
      const immediate = original(tick);
      this.#waiting.set(tick, immediate);
      return immediate;
    }) as Immediate;
    globalThis.setImmediate = Object.assign(own, original);
    return () => {
      if (globalThis.setImmediate === own) globalThis.setImmediate = original;
    };
  }

  /** Runs Dawn's callbacks until `done` says so. @throws Error when there are none left and it does not. */
  pump(done: () => boolean): void {
    while (!done()) {
      const [next] = this.#waiting;
      if (!next) throw new Error('webgpu: the device has no work left and gave no answer; was it lost?');
      const [tick, immediate] = next;
      // Left to itself it would stay in the queue of the event loop, which does not turn while somebody waits here.
      clearImmediate(immediate);
      tick();
    }
  }

  #rest(): void {
    Atomics.wait(this.#cell, 0, 0, REST);
  }
}

const isNative = (callback: unknown): boolean => Function.prototype.toString.call(callback).includes('[native code]');
