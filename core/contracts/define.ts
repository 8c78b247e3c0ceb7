import type { ZodType, z } from 'zod';
import type { Backbone } from './backbone.js';
import type { BranchOp } from './branch-op.js';
import type { Dataset } from './dataset.js';
import type { Engine } from './engine.js';
import type { Exporter } from './exporter.js';
import type { Fuser } from './fuser.js';
import type { ImportanceEstimator } from './importance-estimator.js';
import type { Observer } from './observer.js';
import type { Plugin, PluginHost } from './plugin.js';
import type { SearchSpace } from './search-space.js';
import type { Strategy } from './strategy.js';
import type { WeightSharing } from './weight-sharing.js';

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

/**
 * Declares a plugin: gives back what it is given. Where `setup` returns what `host.add` gave, a config that lists the plugin as an
 * object completes the options of its parts. Call it without type arguments. The plugin is checked when a config lists it.
 */
export const definePlugin = <Parts = unknown>(plugin: TypedPlugin<Parts>): Plugin<Parts> => plugin;

/**
 * Declares a branch op: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link BranchOp} says what it has to do.
 */
export const defineBranchOp = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<BranchOp<z.output<Schema>>, Name, Schema>,
): Named<BranchOp<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares a search space: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link SearchSpace} says what it has to do.
 */
export const defineSearchSpace = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<SearchSpace<z.output<Schema>>, Name, Schema>,
): Named<SearchSpace<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares an importance estimator: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link ImportanceEstimator} says what it has to do.
 */
export const defineImportanceEstimator = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<ImportanceEstimator<z.output<Schema>>, Name, Schema>,
): Named<ImportanceEstimator<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares a weight-sharing scheme: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link WeightSharing} says what it has to do.
 */
export const defineWeightSharing = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<WeightSharing<z.output<Schema>>, Name, Schema>,
): Named<WeightSharing<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares a fuser: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Fuser} says what it has to do.
 */
export const defineFuser = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Fuser<z.output<Schema>>, Name, Schema>,
): Named<Fuser<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares a strategy: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Strategy} says what it has to do.
 */
export const defineStrategy = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Strategy<z.output<Schema>>, Name, Schema>,
): Named<Strategy<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares a backbone: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Backbone} says what it has to do.
 */
export const defineBackbone = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Backbone<z.output<Schema>>, Name, Schema>,
): Named<Backbone<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares a data set: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Dataset} says what it has to do.
 */
export const defineDataset = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Dataset<z.output<Schema>>, Name, Schema>,
): Named<Dataset<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares an engine: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Engine} says what it has to do.
 */
export const defineEngine = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Engine<z.output<Schema>>, Name, Schema>,
): Named<Engine<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares an exporter: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Exporter} says what it has to do.
 */
export const defineExporter = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Exporter<z.output<Schema>>, Name, Schema>,
): Named<Exporter<z.output<Schema>>, Name, Schema> => part;

/**
 * Declares an observer: gives back what it is given, typed, so that an editor knows what is being written and a config that lists the plugin
 * completes its options. Call it without type arguments. {@link Observer} says what it has to do.
 */
export const defineObserver = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Observer<z.output<Schema>>, Name, Schema>,
): Named<Observer<z.output<Schema>>, Name, Schema> => part;
