import type { ExportCheck } from './exporter.js';
import type { Architecture } from './search-space.js';

/** Unit of a budget: a number of gates, or multiples of what the plain network takes. */
export type BudgetUnit = 'gates' | 'trainingMacs' | 'trainingMemory' | 'trainingTime';

/** Everything that happens in a run, as one discriminated union. Every event is JSON. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly entrant: string;
      readonly engine: string;
      readonly device: string;
      readonly versions: Readonly<Record<string, string>>;
      readonly seed: number;
      readonly totalSteps: number;
      readonly gates: number;
      /** Limit on the cost of the architecture, in `budgetUnit`. */
      readonly budget: number;
      /** Default: gates. */
      readonly budgetUnit?: BudgetUnit;
      readonly resumedFrom?: string;
    }
  | {
      readonly type: 'phase-started';
      readonly phase: string;
      readonly index: number;
      readonly epochs: number;
      readonly stepsPerEpoch: number;
    }
  | {
      readonly type: 'step';
      readonly phase: string;
      readonly epoch: number;
      readonly step: number;
      readonly totalSteps: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly images: number;
      readonly active: number;
    }
  | {
      readonly type: 'epoch-ended';
      readonly phase: string;
      readonly epoch: number;
      readonly step: number;
      readonly loss: number;
      readonly trainAccuracy: number;
    }
  | {
      readonly type: 'gates';
      readonly phase: string;
      readonly epoch: number;
      readonly step: number;
      readonly ranks: readonly number[];
      readonly sampled: readonly number[];
      readonly mask: readonly number[];
    }
  | { readonly type: 'architecture'; readonly step: number; readonly architecture: Architecture; readonly kept: number }
  | {
      readonly type: 'evaluation';
      readonly of: 'multi-branch' | 'fused';
      readonly epoch: number;
      readonly step: number;
      readonly images: number;
      readonly accuracy: number;
      readonly loss: number;
    }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string; readonly best: boolean }
  | {
      readonly type: 'certificate';
      readonly relativeError: number;
      readonly maxDifference: number;
      readonly argmaxAgreement: number;
      readonly images: number;
      readonly tolerance: number;
    }
  | {
      readonly type: 'export';
      readonly format: string;
      readonly path: string;
      readonly bytes: number;
      /** Why no program checked it. */
      readonly unchecked?: string;
      readonly check?: ExportCheck;
    }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'done'; readonly run: string; readonly result: Readonly<Record<string, unknown>> };

/** An event as observers and files see it: numbered from 0 without gaps, across resumes. */
export type NumberedEvent = RunEvent & { readonly sequence: number };
