import { concat, defer, EMPTY, from, type Observable, of, takeWhile } from 'rxjs';
import type { ResolvedConfig } from '../config/schema.js';
import type { ImageSize } from '../contracts/block.js';
import type { RunEvent } from '../contracts/events.js';
import type { NetworkGraph } from '../contracts/network.js';
import { fusedCost } from '../reparam/network/cost.js';
import { shapes } from '../reparam/network/shapes.js';
import { trainingCost } from '../reparam/network/training-cost.js';
import { type LoopControl, trainingEvents } from '../train/loop.js';
import type { Contestant } from './contestant.js';
import { type Finished, finish, type WriteExport } from './finish.js';
import type { RunParts } from '../config/run-parts.js';
import { keptPerOp, type TrainingResult } from './result.js';

/** What a run knows of the machine and itself. */
export interface RunFacts {
  readonly run: string;
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
}

/** Where a trial leaves its files. */
export interface TrialFiles {
  readonly writeExport: WriteExport;
  /** Architecture, weights and certificate of the finished network, and the result, as one. */
  writeFinished(contestant: Contestant, finished: Finished, result: TrainingResult): Promise<void>;
}

export interface TrialPlan {
  readonly config: ResolvedConfig;
  readonly parts: RunParts;
  readonly facts: RunFacts;
  readonly contestant: Contestant;
  readonly files: TrialFiles;
  readonly control: LoopControl;
  readonly classes: readonly string[];
  readonly normalisation: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  /** Path of the checkpoint it goes on from. */
  readonly resumedFrom?: string | undefined;
  /** False: only search; what lies behind the chosen architecture is left out. */
  readonly finishes: boolean;
  /** Called once, with what it came to; not at all when it was interrupted, or only searched. */
  done(result: TrainingResult): void;
}

/** One contestant from its first step to its exported model, as a stream. */
export function trialEvents(plan: TrialPlan): Observable<RunEvent> {
  const { contestant, control } = plan;
  const begun = plan.resumedFrom !== undefined;
  return concat(
    defer(() => (begun ? EMPTY : of(startedEvent(plan)))),
    trainingEvents(contestant.training, control),
    defer(() => (control.signal.aborted || !plan.finishes ? EMPTY : from(finishing(plan)))).pipe(
      // Stopped on its way, it is done once more from the last checkpoint.
      takeWhile(() => !control.signal.aborted),
    ),
  );
}

function startedEvent({ contestant, facts }: TrialPlan): RunEvent {
  const { strategy, training, gates, budget } = contestant;
  return {
    type: 'run-started',
    ...facts,
    entrant: strategy.definition.name,
    totalSteps: training.totalSteps,
    gates,
    budget,
  };
}

async function* finishing(plan: TrialPlan): AsyncGenerator<RunEvent> {
  const { config, parts, contestant, files, facts } = plan;
  const { supernet, training, images, strategy } = contestant;
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
  await files.writeFinished(contestant, finished, result);
  plan.done(result);
}

/** Height and width of the image that every block reads. */
function inputSizes(graph: NetworkGraph): Map<string, ImageSize> {
  const outputs = new Map(shapes(graph)).set('input', graph.input);
  return new Map(
    graph.nodes.flatMap((node) => {
      if (node.kind !== 'block') return [];
      const [height = 1, width = 1] = outputs.get(node.input) ?? [];
      return [[node.name, { height, width }] as const];
    }),
  );
}
