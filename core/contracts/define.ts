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
  // biome-ignore lint/suspicious/noConfusingVoidType: a setup that returns nothing is as good
  setup(host: PluginHost): PluginHost<Parts> | void;
}

// Each returns what it was given: they exist so that an editor knows what is being written, options included. Called without
// type arguments, as they should be, they also keep the part's name and schema in its type.
export const definePlugin = <Parts = unknown>(plugin: TypedPlugin<Parts>): Plugin<Parts> => plugin;

export const defineBranchOp = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<BranchOp<z.output<Schema>>, Name, Schema>,
): Named<BranchOp<z.output<Schema>>, Name, Schema> => part;

export const defineSearchSpace = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<SearchSpace<z.output<Schema>>, Name, Schema>,
): Named<SearchSpace<z.output<Schema>>, Name, Schema> => part;

export const defineImportanceEstimator = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<ImportanceEstimator<z.output<Schema>>, Name, Schema>,
): Named<ImportanceEstimator<z.output<Schema>>, Name, Schema> => part;

export const defineWeightSharing = <
  Options,
  const Name extends string = string,
  Schema extends ZodType = ZodType<Options>,
>(
  part: Named<WeightSharing<z.output<Schema>>, Name, Schema>,
): Named<WeightSharing<z.output<Schema>>, Name, Schema> => part;

export const defineFuser = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Fuser<z.output<Schema>>, Name, Schema>,
): Named<Fuser<z.output<Schema>>, Name, Schema> => part;

export const defineStrategy = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Strategy<z.output<Schema>>, Name, Schema>,
): Named<Strategy<z.output<Schema>>, Name, Schema> => part;

export const defineBackbone = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Backbone<z.output<Schema>>, Name, Schema>,
): Named<Backbone<z.output<Schema>>, Name, Schema> => part;

export const defineDataset = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Dataset<z.output<Schema>>, Name, Schema>,
): Named<Dataset<z.output<Schema>>, Name, Schema> => part;

export const defineEngine = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Engine<z.output<Schema>>, Name, Schema>,
): Named<Engine<z.output<Schema>>, Name, Schema> => part;

export const defineExporter = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Exporter<z.output<Schema>>, Name, Schema>,
): Named<Exporter<z.output<Schema>>, Name, Schema> => part;

export const defineObserver = <Options, const Name extends string = string, Schema extends ZodType = ZodType<Options>>(
  part: Named<Observer<z.output<Schema>>, Name, Schema>,
): Named<Observer<z.output<Schema>>, Name, Schema> => part;
