import { concat, defer, EMPTY, from, type Observable, of, takeWhile } from 'rxjs';
import type { ResolvedConfig } from '../config/schema.js';
import type { RunEvent } from '../contracts/events.js';
import { fusedCost, inputSizes, trainingCost } from '../reparam/network/cost.js';
import { type LoopControl, trainingEvents } from '../train/loop.js';
import type { Candidate } from './candidate.js';
import { type Finished, finish, type WriteExport } from './finish.js';
import type { RunParts } from '../config/run-parts.js';
import { keptPerOp, type TrainingResult } from './result.js';

/** Facts about a run: its name, machine, versions and seed. */
export interface RunFacts {
  readonly run: string;
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
}

/** Where a candidate leaves its files. */
export interface CandidateFiles {
  readonly writeExport: WriteExport;
  /** Writes architecture, weights, certificate and result of the finished network, all or none. */
  writeFinished(candidate: Candidate, finished: Finished, result: TrainingResult): Promise<void>;
}

export interface CandidateRun {
  readonly config: ResolvedConfig;
  readonly parts: RunParts;
  readonly facts: RunFacts;
  readonly candidate: Candidate;
  readonly files: CandidateFiles;
  readonly control: LoopControl;
  readonly classes: readonly string[];
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  /** Path of the checkpoint that it resumes from. */
  readonly resumedFrom?: string | undefined;
  /** False to search only, and skip what follows the chosen architecture. */
  readonly finishes: boolean;
  /** Called once with the result; not called after an interruption or a search. */
  done(result: TrainingResult): void;
}

/** Streams one candidate's events, from its first step to its exported model. */
export function candidateEvents(plan: CandidateRun): Observable<RunEvent> {
  const { candidate, control } = plan;
  const begun = plan.resumedFrom !== undefined;
  return concat(
    defer(() => (begun ? EMPTY : of(startedEvent(plan)))),
    trainingEvents(candidate.training, control),
    defer(() => (control.signal.aborted || !plan.finishes ? EMPTY : from(finishing(plan)))).pipe(
      // An interrupted finish is repeated from the last checkpoint.
      takeWhile(() => !control.signal.aborted),
    ),
  );
}

function startedEvent({ candidate, facts }: CandidateRun): RunEvent {
  const { strategy, training, gates, budget } = candidate;
  return {
    type: 'run-started',
    ...facts,
    entrant: strategy.definition.name,
    totalSteps: training.totalSteps,
    gates,
    budget: budget.asked,
    ...(budget.unit !== 'gates' && { budgetUnit: budget.unit }),
  };
}

async function* finishing(plan: CandidateRun): AsyncGenerator<RunEvent> {
  const { config, parts, candidate, files, facts } = plan;
  const { supernet, training, images, strategy } = candidate;
  const { epochs, step } = training.cursor;
  const finished = yield* finish({
    supernet,
    fuser: parts.fuser,
    exporters: parts.exporters,
    metadata: { classes: plan.classes, normalisation: plan.normalisation },
    tolerance: config.fuse.tolerance,
    certificateImages: () => images.certificate(config.fuse.images),
    testImages: images.test,
    calibrationImages: images.calibration,
    epoch: epochs - 1,
    step,
    write: files.writeExport,
  });
  for (const message of images.leftOut()) yield { type: 'warning', message };
  const architecture = supernet.blocks.architecture();
  const { blocks: _, ...certificate } = finished.certificate;
  const { parameters, macs } = fusedCost(supernet.graph);
  const result: TrainingResult = {
    strategy: strategy.definition.name,
    seed: facts.seed,
    engine: facts.engine,
    device: facts.device,
    versions: facts.versions,
    steps: step,
    testImages: finished.testImages,
    accuracy: finished.accuracy,
    argmaxAgreement: finished.argmaxAgreement,
    certificate,
    architecture,
    kept: keptPerOp(architecture),
    cost: { training: trainingCost(supernet, inputSizes(supernet.graph)), fused: { parameters, macs } },
    exports: finished.exports,
    exportChecks: finished.exportChecks,
  };
  await files.writeFinished(candidate, finished, result);
  plan.done(result);
}
