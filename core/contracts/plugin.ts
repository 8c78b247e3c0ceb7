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
import type { Strategy } from './strategy.js';
import type { WeightSharing } from './weight-sharing.js';

/** The version of these contracts. A plugin states the one it was written for. */
export const API_VERSION = 1;

/** Every kind of part by the name of its kind. */
export interface PartKinds {
  'branch-op': BranchOp;
  'search-space': SearchSpace;
  'importance-estimator': ImportanceEstimator;
  'weight-sharing': WeightSharing;
  fuser: Fuser;
  strategy: Strategy;
  backbone: Backbone;
  dataset: Dataset;
  engine: Engine;
  exporter: Exporter;
  observer: Observer;
  'checkpoint-family': CheckpointFamily;
}

/** Name of a kind of part. */
export type PartKind = keyof PartKinds;

/** Options as a config writes them, by kind and name of the part: what the type of a plugin says of its parts. */
export type PartOptions = { readonly [Kind in PartKind]?: Readonly<Record<string, unknown>> };

/** What a plugin may do while it is set up: add parts. `Added` is what it has added so far, as far as types know. */
export interface PluginHost<Added = unknown> {
  /** Adds a part; gives the host, so that calls can be chained and `setup` can return the last one. */
  add<Kind extends PartKind, const Given extends PartKinds[Kind]>(
    kind: Kind,
    part: Given,
  ): PluginHost<Added & { readonly [K in Kind]: { readonly [N in Given['name']]: z.input<Given['options']> } }>;
  /** Exists for types only. */
  readonly added?: Added | undefined;
}

/** Parts that are added together, under a name that configs list. */
export interface Plugin<Parts = unknown> {
  /** Usually the package's name. */
  readonly name: string;
  /** {@link API_VERSION} of the contracts it was written for. */
  readonly apiVersion: number;
  /** Adds the plugin's parts, and may return what `host.add` gave: then `defineConfig` knows their options. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a setup that returns nothing is as good
  setup(host: PluginHost): PluginHost<Parts> | void;
}
