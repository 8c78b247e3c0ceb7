import type { TensorValues } from '../formats/dtype.js';
import type { FactsByName } from '../formats/module-facts.js';
import type { DescribedNetwork } from './described-network.js';

/** Arrays by name, read one at a time: a checkpoint may be larger than what a program wants to hold. */
export interface TensorSource {
  /** Shapes by name, in the order of the file. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** What the modules that hold the tensors say of themselves, by name; absent where the file holds tensors alone. */
  readonly facts?: FactsByName;
  /** What stood before every name, where it was the network's own and not that of a wrapper. */
  readonly prefix?: string;
  /** In row-major order. @throws FileError when it is damaged; Error when there is none of that name. */
  read(name: string): Promise<TensorValues>;
}

/** A checkpoint that is open: its arrays, and what was done to come by them. */
export interface OpenCheckpoint {
  readonly tensors: TensorSource;
  /** What the file itself says of the network; others' files say nothing. */
  readonly described?: DescribedNetwork;
  /** Which of several state dicts was taken, which prefix was cut off. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}
