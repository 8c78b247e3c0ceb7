/** Amounts of work, by the kinds of kernels that differ in speed. */
export interface Work {
  /** Multiply-adds of convolutions. */
  readonly forward: number;
  /** Multiply-adds of convolutions' input gradients. */
  readonly input: number;
  /** Multiply-adds of convolutions' kernel gradients. */
  readonly kernel: number;
  /** Multiply-adds of matrix products. */
  readonly product: number;
  /** Values read or written. */
  readonly values: number;
  /** Kernels run. */
  readonly calls: number;
}

export type WorkKind = keyof Work;

/** Nanoseconds for one unit of each kind of work. */
export type KernelCosts = Readonly<Record<WorkKind, number>>;

/** Ratios of an ordinary engine, for engines that have not been measured. */
const ORDINARY: KernelCosts = { forward: 0.02, input: 0.02, kernel: 0.03, product: 0.02, values: 0.4, calls: 10_000 };

const byBackend = new Map<string, KernelCosts>();

/**
 * Registers what work costs on a backend. Only ratios matter: they decide which of several exact methods computes a
 * block. The numbers are fixed, so that the decision, and with it the rounding of a run, is the same every time.
 */
export const registerKernelCosts = (backend: string, costs: KernelCosts): void => void byBackend.set(backend, costs);

export const kernelCosts = (backend: string): KernelCosts => byBackend.get(backend) ?? ORDINARY;

/** Returns the nanoseconds that work takes. */
export const timeOf = (work: Work, costs: KernelCosts): number =>
  work.forward * costs.forward +
  work.input * costs.input +
  work.kernel * costs.kernel +
  work.product * costs.product +
  work.values * costs.values +
  work.calls * costs.calls;
