import type { Gpu } from './library.js';

/** Puts WebGPU where TensorFlow.js looks for it, as in a browser. Gives what takes it away again. */
export function installGlobals(gpu: Gpu, constants: Readonly<Record<string, unknown>>): () => void {
  const before = new Map(
    ['navigator', ...Object.keys(constants)].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  define('navigator', { gpu, userAgent: 'node' });
  for (const [name, value] of Object.entries(constants)) define(name, value);
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  };
}
