import type { z } from 'zod';
import type { Backbone } from './backbone.js';
import type { BranchOp } from './branch-op.js';
import type { CheckpointFamily } from './checkpoint-family.js';
import type { Dataset } from './dataset.js';
import type { Engine } from './engine.js';
import type { Exporter } from './exporter.js';
import type { Fuser } from './fuser.js';
import type { ImportanceEstimator } from './importance-estimator.js';
import type { Observer } from './observer.js';
import type { SearchSpace } from './search-space.js';
import type { ServiceFactory, ServiceToken } from './services.js';
import type { Strategy } from './strategy.js';
import type { WeightSharing } from './weight-sharing.js';

/** Version of these contracts. A plugin states the one it was written for. */
export const API_VERSION = 1;

/** Every kind of part, by name, with parts of these options. */
export interface TypedPartKinds<Options> {
  'branch-op': BranchOp<Options>;
  'search-space': SearchSpace<Options>;
  'importance-estimator': ImportanceEstimator<Options>;
  'weight-sharing': WeightSharing<Options>;
  fuser: Fuser<Options>;
  strategy: Strategy<Options>;
  backbone: Backbone<Options>;
  dataset: Dataset<Options>;
  engine: Engine<Options>;
  exporter: Exporter<Options>;
  observer: Observer<Options>;
  'checkpoint-family': CheckpointFamily<Options>;
}

/** Every kind of part, by name. */
export interface PartKinds extends TypedPartKinds<unknown> {}

/** Name of a kind of part. */
export type PartKind = keyof PartKinds;

/** Options as a config writes them, by kind and name of the part: what a plugin's type says about its parts. */
export type PartOptions = { readonly [Kind in PartKind]?: Readonly<Record<string, unknown>> };

/** Adds a plugin's parts and replaces services during set-up. `Added` lists, in types, the parts added so far. */
export interface PluginHost<Added = unknown> {
  /** Adds a part. Returns the host, so that calls can be chained and `setup` can return the last one. */
  add<Kind extends PartKind, const Given extends PartKinds[Kind]>(
    kind: Kind,
    part: Given,
  ): PluginHost<Added & { readonly [K in Kind]: { readonly [N in Given['name']]: z.input<Given['options']> } }>;
  /**
   * Replaces a service of every run that lists the plugin, such as its clock, or wraps the usual one. Two plugins cannot replace the
   * same service. Returns the host.
   */
  provide<Service>(token: ServiceToken<Service>, make: ServiceFactory<Service>): PluginHost<Added>;
  /** Exists for types only. */
  readonly added?: Added | undefined;
}

/** Parts that are added together, under a name that configs list. */
export interface Plugin<Parts = unknown> {
  /** Usually the name of the package. */
  readonly name: string;
  /** {@link API_VERSION} of the contracts it was written for. */
  readonly apiVersion: number;
  /** Adds the plugin's parts. If it returns what `host.add` gave, `defineConfig` knows their options. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a setup that returns nothing is as good
  setup(host: PluginHost): PluginHost<Parts> | void;
}
