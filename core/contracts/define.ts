import type { ZodType, z } from 'zod';
import type { PartKind, Plugin, PluginHost, TypedPartKinds } from './plugin.js';

/**
 * The `define…` functions of plugins and parts. Each returns what it is given and exists for its types: an editor knows what is
 * being written, and a config that lists the plugin as an object completes the options of its parts. Call them without type
 * arguments.
 */

/** A part whose type holds its name and the schema of its options, so that a config that lists its plugin can complete them. */
export type Named<Part, Name extends string, Schema extends ZodType> = Part & {
  readonly name: Name;
  readonly options: Schema;
};

/** A plugin whose `setup` returns what `host.add` gave: its type then holds its parts. */
export interface TypedPlugin<Parts> {
  readonly name: string;
  readonly apiVersion: number;
  /** Adds the plugin's parts. Called once for each run or command that lists the plugin. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a setup that returns nothing is as good
  setup(host: PluginHost): PluginHost<Parts> | void;
}

/** Declares a plugin. It is checked when a config lists it. */
export const definePlugin = <Parts = unknown>(plugin: TypedPlugin<Parts>): Plugin<Parts> => plugin;

/** Declares a part of one kind; its options are those of its schema. */
export type DefinePart<Kind extends PartKind> = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<TypedPartKinds<z.output<Schema>>[Kind], Name, Schema>,
) => Named<TypedPartKinds<z.output<Schema>>[Kind], Name, Schema>;

const definePart = <Part>(part: Part): Part => part;

/** Declares a branch op; `BranchOp` is its contract. */
export const defineBranchOp: DefinePart<'branch-op'> = definePart;

/** Declares a search space; `SearchSpace` is its contract. */
export const defineSearchSpace: DefinePart<'search-space'> = definePart;

/** Declares an importance estimator; `ImportanceEstimator` is its contract. */
export const defineImportanceEstimator: DefinePart<'importance-estimator'> = definePart;

/** Declares a weight-sharing scheme; `WeightSharing` is its contract. */
export const defineWeightSharing: DefinePart<'weight-sharing'> = definePart;

/** Declares a fuser; `Fuser` is its contract. */
export const defineFuser: DefinePart<'fuser'> = definePart;

/** Declares a strategy; `Strategy` is its contract. */
export const defineStrategy: DefinePart<'strategy'> = definePart;

/** Declares a backbone; `Backbone` is its contract. */
export const defineBackbone: DefinePart<'backbone'> = definePart;

/** Declares a data set; `Dataset` is its contract. */
export const defineDataset: DefinePart<'dataset'> = definePart;

/** Declares an engine; `Engine` is its contract. */
export const defineEngine: DefinePart<'engine'> = definePart;

/** Declares an exporter; `Exporter` is its contract. */
export const defineExporter: DefinePart<'exporter'> = definePart;

/** Declares an observer; `Observer` is its contract. */
export const defineObserver: DefinePart<'observer'> = definePart;
