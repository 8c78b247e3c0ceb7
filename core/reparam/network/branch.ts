import * as tf from '@tensorflow/tfjs-core';
import type { BlockGeometry } from '../../contracts/block.js';
import type { BranchOp, KernelSpec } from '../../contracts/branch-op.js';
import type { Chosen } from '../../contracts/part.js';
import type { RandomSource } from '../../contracts/random.js';
import type { KernelBinding, KernelWindow } from '../../contracts/weight-sharing.js';
import type { NormPlacement } from '../../contracts/strategy.js';
import { heNormal, identityKernel, type ParameterStore } from './parameters.js';
import { addNorm, type NormNames, normNames } from './norm-names.js';

/** Returns the variable and window of a branch's kernel: from the weight-sharing scheme while searching, its own variable afterwards. */
export type Bind = (branch: string, kernel: KernelSpec) => KernelBinding;

/** The state of one branch of one block: its parameters, their names, and how its kernels are read. */
export class Branch {
  readonly name: string;
  readonly block: BlockGeometry;
  readonly op: BranchOp;
  readonly options: unknown;
  readonly kernels: ReadonlyMap<string, KernelSpec>;
  /** Channels of every norm by name, the closing one (`norm`) last; empty if one batch-norm stands behind the sum. */
  readonly norms: ReadonlyMap<string, number>;
  /** State name of the branch's scale, `[outChannels]`: γ of its closing batch-norm, or a scale of its own. */
  readonly scale: string;
  readonly #normNames = new Map<string, NormNames>();
  #bind: Bind;
  /** Cache of {@link trained}, valid until the kernels are bound anew. */
  #trained: readonly string[] | undefined;

  constructor(block: BlockGeometry, chosen: Chosen<BranchOp>, bind: Bind, placement: NormPlacement = 'branches') {
    this.block = block;
    this.op = chosen.definition;
    this.options = chosen.options;
    this.name = this.op.name;
    this.kernels = new Map(this.op.kernels(block, this.options).map((spec) => [spec.name, spec]));
    const inner = this.op.norms?.(block, this.options) ?? [];
    this.norms =
      placement === 'sum'
        ? new Map()
        : new Map([...inner.map(({ name, channels }) => [name, channels] as const), ['norm', block.outChannels]]);
    this.scale = placement === 'sum' ? `${block.name}.${this.name}.scale` : this.normNames('norm').gamma;
    this.#bind = bind;
  }

  kernelName(kernel: string): string {
    return `${this.block.name}.${this.#bind(this.name, this.spec(kernel)).parameter}`;
  }

  normNames(norm: string): NormNames {
    let names = this.#normNames.get(norm);
    if (!names) {
      names = normNames(`${this.block.name}.${this.name}.${norm}`);
      this.#normNames.set(norm, names);
    }
    return names;
  }

  /** Returns the channels of an inner batch-norm of the op, even if the block does without it. */
  innerChannels(norm: string): number {
    const spec = this.op.norms?.(this.block, this.options).find(({ name }) => name === norm);
    if (!spec) throw new Error(`branch op ${this.name} reads batch-norm '${norm}', which its norms() does not list`);
    return spec.channels;
  }

  /** Returns the state names of what the branch trains. */
  trained(): readonly string[] {
    if (!this.#trained) {
      const kernels = [...this.kernels.keys()].map((kernel) => this.kernelName(kernel));
      const norms = [...this.norms.keys()].map((norm) => this.normNames(norm));
      this.#trained = [...new Set([...kernels, ...norms.flatMap(({ gamma, beta }) => [gamma, beta]), this.scale])];
    }
    return this.#trained;
  }

  /** Returns the state names of its running statistics. */
  statistics(): string[] {
    return [...this.norms.keys()].map((norm) => this.normNames(norm).statistics);
  }

  /** Creates missing parameters. An initial value depends only on the seed and the parameter's name. */
  initialise(store: ParameterStore, random: RandomSource, gamma: number): void {
    for (const spec of this.kernels.values()) {
      const name = this.kernelName(spec.name);
      const { shape, window } = this.#bind(this.name, spec);
      if (store.has(name)) continue;
      const length = shape[0] * shape[1] * shape[2] * shape[3];
      // A learned addition to the identity starts at zero, unless it is a window of a kernel that others use too.
      const values =
        spec.identity && !window ? new Float32Array(length) : heNormal(shape, random.stream(`initialisation:${name}`));
      store.add(name, 'kernel', shape, values);
    }
    for (const [norm, channels] of this.norms) {
      addNorm(store, this.normNames(norm), channels, norm === 'norm' ? gamma : 1);
    }
    if (store.has(this.scale)) return;
    const { outChannels } = this.block;
    store.add(this.scale, 'gamma', [outChannels], new Float32Array(outChannels).fill(gamma));
  }

  /** Returns the kernel that the branch convolves with, `[height, width, inputs, outputs]`. */
  kernel(store: ParameterStore, kernel: string): tf.Tensor4D {
    const spec = this.spec(kernel);
    const learned = this.#learned(store, spec);
    if (!spec.identity) return learned;
    return tf.add(learned, tf.tensor4d(identityKernel(spec), [1, 1, spec.inputs, spec.outputs]));
  }

  /** State name of the variable that a kernel is part of, and the window of it; of the whole variable where none is named. */
  source(kernel: string): { readonly parameter: string; readonly window: KernelWindow } {
    const { parameter, shape, window } = this.#bind(this.name, this.spec(kernel));
    const [height, width] = shape;
    return { parameter: `${this.block.name}.${parameter}`, window: window ?? { top: 0, left: 0, height, width } };
  }

  /** Gives every kernel its own variable, which starts as the window of the shared one, if there was one. */
  unshare(store: ParameterStore, own: Bind): void {
    for (const spec of this.kernels.values()) {
      const { parameter, shape } = own(this.name, spec);
      const from = this.#bind(this.name, spec).parameter;
      if (parameter === from || !store.has(`${this.block.name}.${from}`)) continue;
      const values = tf.tidy(() => Float32Array.from(this.#learned(store, spec).dataSync()));
      store.add(`${this.block.name}.${parameter}`, 'kernel', shape, values);
    }
    this.#bind = own;
    this.#trained = undefined;
  }

  /** The trained part of a kernel: its variable, or the branch's window of it. */
  #learned(store: ParameterStore, spec: KernelSpec): tf.Tensor4D {
    const { parameter, shape, window } = this.#bind(this.name, spec);
    const variable = store.get(`${this.block.name}.${parameter}`) as unknown as tf.Tensor4D;
    if (!window || (window.height === shape[0] && window.width === shape[1])) return variable;
    return tf.slice4d(variable, [window.top, window.left, 0, 0], [window.height, window.width, shape[2], shape[3]]);
  }

  spec(kernel: string): KernelSpec {
    const spec = this.kernels.get(kernel);
    if (!spec) throw new Error(`branch op ${this.name} reads kernel '${kernel}', which its kernels() does not list`);
    return spec;
  }
}
