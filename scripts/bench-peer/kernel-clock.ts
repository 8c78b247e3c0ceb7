import * as tf from '@tensorflow/tfjs-core';

/** Milliseconds spent in each kernel, and how often it ran. */
export interface KernelTimes {
  readonly name: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/** Measures every kernel of a backend from outside. A kernel that is made of others counts for nothing: only they do. */
export class KernelClock {
  readonly #times = new Map<string, { milliseconds: number; calls: number }>();
  /** For each kernel that is running, whether it called another. */
  readonly #running: { composed: boolean }[] = [];

  constructor(backend: string) {
    for (const config of [...tf.getKernelsForBackend(backend)]) {
      tf.unregisterKernel(config.kernelName, backend);
      tf.registerKernel({ ...config, kernelFunc: this.#timed(config) });
    }
  }

  reset(): void {
    this.#times.clear();
  }

  read(): KernelTimes[] {
    return [...this.#times]
      .map(([name, times]) => ({ name, ...times }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  #timed({ kernelName, kernelFunc }: tf.KernelConfig): tf.KernelFunc {
    return (call) => {
      const outer = this.#running.at(-1);
      if (outer) outer.composed = true;
      const own = { composed: false };
      this.#running.push(own);
      const began = performance.now();
      try {
        return kernelFunc(call);
      } finally {
        const spent = performance.now() - began;
        this.#running.pop();
        if (!own.composed) this.#add(kernelName, spent);
      }
    };
  }

  #add(name: string, spent: number): void {
    const times = this.#times.get(name) ?? { milliseconds: 0, calls: 0 };
    times.milliseconds += spent;
    times.calls++;
    this.#times.set(name, times);
  }
}
