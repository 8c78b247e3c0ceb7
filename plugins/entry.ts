/**
 * Runs, searches, checkpoints and configs in a program, and what plugins are written against.
 * @module repnas
 */
import type { z } from 'zod';
import type { Plugin } from '../core/contracts/index.js';
import type { Backbones } from './backbones/index.js';
import type { BranchOps } from './branch-ops/index.js';
import type { Datasets } from './datasets/index.js';
import type { Engines } from './engines/index.js';
import type { Exporters } from './exporters/index.js';
import type { Fusers } from './fusers/index.js';
import type { ImportanceEstimators } from './importance-estimators/index.js';
import type { Observers } from './observers/index.js';
import type { SearchSpaces } from './search-spaces/index.js';
import type { Strategies } from './strategies/index.js';
import type { WeightSharings } from './weight-sharing/index.js';

// What the package is entered by: core, which knows no plugin, and the types of the plugins that come with it.
export * from '../core/index.js';

type OptionsOf<Parts extends readonly { readonly name: string; readonly options: z.ZodType }[]> = {
  readonly [Part in Parts[number] as Part['name']]: z.input<Part['options']>;
};

interface BuiltIn {
  readonly 'branch-op': OptionsOf<BranchOps>;
  readonly 'search-space': OptionsOf<SearchSpaces>;
  readonly 'importance-estimator': OptionsOf<ImportanceEstimators>;
  readonly 'weight-sharing': OptionsOf<WeightSharings>;
  readonly fuser: OptionsOf<Fusers>;
  readonly strategy: OptionsOf<Strategies>;
  readonly backbone: OptionsOf<Backbones>;
  readonly dataset: OptionsOf<Datasets>;
  readonly engine: OptionsOf<Engines>;
  readonly exporter: OptionsOf<Exporters>;
  readonly observer: OptionsOf<Observers>;
}

declare module '../core/config/known-plugins.js' {
  interface KnownPlugins {
    readonly repnas: Plugin<BuiltIn>;
  }
}
