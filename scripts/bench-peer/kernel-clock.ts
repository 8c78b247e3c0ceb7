import * as tf from '@tensorflow/tfjs-core';

/** Milliseconds spent in each kernel, and how often it ran. */
export interface KernelTimes {
  readonly name: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/**
 * Measures every kernel of a backend from outside. A kernel that is made of others counts for nothing: only they do. Does as little
 * as it can around a kernel, since that counts as time outside of kernels.
 */
export class KernelClock {
  readonly #times: { name: string; milliseconds: number; calls: number }[] = [];
  /** Kernels that have run, ever. */
  #ran = 0;

  constructor(backend: string) {
    // In the place where it is registered: whoever has looked a kernel up before is to be measured too.
    for (const config of tf.getKernelsForBackend(backend)) config.kernelFunc = this.#timed(config);
  }

  reset(): void {
    for (const times of this.#times) Object.assign(times, { milliseconds: 0, calls: 0 });
  }

  read(): KernelTimes[] {
    return this.#times
      .filter(({ calls }) => calls > 0)
      .map((times) => ({ ...times }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  #timed({ kernelName: name, kernelFunc }: tf.KernelConfig): tf.KernelFunc {
    const times = { name, milliseconds: 0, calls: 0 };
    this.#times.push(times);
    return (call) => {
      const ran = this.#ran;
      const began = performance.now();
      const made = kernelFunc(call);
      const spent = performance.now() - began;
      // No other ran within this one.
      if (this.#ran++ === ran) {
        times.milliseconds += spent;
        times.calls++;
      }
      return made;
    };
  }
}
