import * as tf from '@tensorflow/tfjs-core';
import type { RunEvent } from '../contracts/events.js';
import type { ImportanceSession } from '../contracts/importance-estimator.js';
import type { Probe } from '../contracts/probe.js';
import type { Architecture, Gate } from '../contracts/search-space.js';
import type { StateRecord } from '../contracts/state.js';
import type { Phase, Selection, StepPosition } from '../contracts/strategy.js';
import { type ActiveBranches, activeBranches, everyBranch } from '../reparam/network/gates.js';
import { DivergedError, StoppedError } from './errors.js';
import type { RateSchedule } from './learning-rate.js';
import { countStep, type Cursor, nextEpoch, nextPhase, PhaseSchedule, startCursor } from './schedule.js';
import { NotFiniteError } from './not-finite.js';
import { divergedWeight, placeOf, restoreSnapshot, type Stateful, takeSnapshot } from './snapshot.js';
import {
  divergedPass,
  divergedRank,
  forwardBackward,
  gradientsOfGates,
  type Pass,
  type TrainingBatch,
  type UpdatePlan,
  updateParameters,
} from './step.js';
import type { WeightAverage } from './weight-average.js';

/** The parts that a training is made of. */
export interface TrainingPlan extends UpdatePlan, Pick<Stateful, 'supernet'> {
  readonly importance: ImportanceSession;
  /** Average of the weights, evaluated and folded in their place if it averages at all. */
  readonly average: WeightAverage;
  readonly gates: readonly Gate[];
  /** True if the strategy decides by the importance estimator's ranks. */
  readonly ranked: boolean;
  readonly phases: readonly Phase[];
  /** Over all epochs of the run. */
  readonly learningRate: RateSchedule;
  readonly weightDecay: RateSchedule;
  readonly stepsPerEpoch: number;
  /** Yields the batches of an epoch of the run, from the given one on. */
  batches(epoch: number, from: number): AsyncIterable<TrainingBatch>;
  /** Measures accuracy and mean loss on the test images, unfused. */
  evaluate(): Promise<{ readonly accuracy: number; readonly loss: number; readonly images: number }>;
  /** Epochs between evaluations of a network whose architecture is decided; the last epoch is always evaluated. */
  readonly evaluateEvery: number;
  /** Lets the strategy measure and change the network between two steps. */
  readonly probe: Probe;
  /** Returns the initial scale of a closing batch-norm. */
  gamma(block: string, branch: string): number;
}

/**
 * The training of one network, in the order of things: enter a phase, take steps, end an epoch, freeze the architecture, evaluate.
 * Holds everything that changes, and can save and restore it between any two steps. `loop.ts` calls it.
 */
export class Training {
  readonly #plan: TrainingPlan;
  cursor: Cursor;
  readonly #schedule: PhaseSchedule;
  #frozen = false;
  /** All branches of the decided architecture. */
  #every: ActiveBranches | undefined;

  constructor(plan: TrainingPlan) {
    this.#plan = plan;
    this.#schedule = new PhaseSchedule(plan.phases, plan.stepsPerEpoch);
    this.cursor = startCursor(plan.gates.length);
  }

  get totalSteps(): number {
    return this.#schedule.totalSteps;
  }

  /** Prepares the cursor's phase: the strategy decides, the network is frozen or initialised. */
  async *enterPhase(): AsyncGenerator<RunEvent> {
    const { strategy, supernet, probe, stepsPerEpoch } = this.#plan;
    const phase = this.#phase;
    if (this.cursor.entered) return;
    let architecture: Architecture | undefined;
    try {
      architecture = await strategy.beforePhase?.(phase, probe);
    } catch (error) {
      // A search between two phases that was stopped begins anew when the run is resumed.
      if (error instanceof StoppedError) return;
      throw error;
    }
    yield { type: 'phase-started', phase: phase.name, index: this.cursor.phase, epochs: phase.epochs, stepsPerEpoch };
    if (architecture) this.#freeze(architecture);
    if (supernet.store.names().length === 0) supernet.initialise(this.#plan.gamma);
    if (architecture) yield architectureEvent(this.#plan, this.cursor);
    this.cursor.entered = true;
  }

  /** Takes the steps of the cursor's epoch, one for each pull. */
  async *steps(): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const plan = this.#plan;
    const phase = this.#phase;
    for await (const batch of plan.batches(cursor.epochs, cursor.batch)) {
      const position = this.#schedule.position(cursor);
      const selection = plan.strategy.select(position);
      const active = this.#activate(selection);
      const pass = await forwardBackward(plan.supernet, batch, active, cursor.step);
      const progress = this.#schedule.progress(cursor);
      const learningRate = plan.learningRate(progress);
      try {
        this.#requireFinite(divergedPass(pass));
        if (phase.searches) this.#learn(position, selection, pass);
        updateParameters(plan, pass, { learningRate, weightDecay: plan.weightDecay(progress) });
        if (this.#frozen) plan.average.step();
      } finally {
        // Also if an engine or a part fails on the way.
        tf.dispose([...pass.gradients.values()]);
      }
      countStep(cursor, {
        images: batch.size,
        loss: pass.loss,
        correct: pass.correct,
        ...(this.#deciding(phase) && { mask: selection.mask }),
      });
      yield {
        type: 'step',
        phase: phase.name,
        epoch: cursor.epochs,
        step: cursor.step,
        totalSteps: this.totalSteps,
        loss: pass.loss,
        learningRate,
        images: batch.size,
        active: [...active.values()].reduce((sum, branches) => sum + branches.length, 0),
      };
    }
  }

  /** Ends the epoch: its figures, what the strategy concludes from it, an evaluation if one is due. */
  async *endEpoch(): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const { strategy, probe } = this.#plan;
    const phase = this.#phase;
    const { epochs: epoch, step } = cursor;
    yield {
      type: 'epoch-ended',
      phase: phase.name,
      epoch,
      step,
      loss: cursor.lossSum / cursor.images,
      trainAccuracy: cursor.correct / cursor.images,
    };
    if (this.#deciding(phase) && this.#plan.gates.length > 0) yield gatesEvent(this.#plan, cursor, phase.name);
    const position = this.#schedule.position(cursor);
    nextEpoch(cursor);
    const changed = await strategy.afterEpoch?.(position, probe);
    if (changed) {
      this.#freeze(changed);
      yield architectureEvent(this.#plan, this.cursor);
    }
    if (this.#evaluationDue()) yield* this.#evaluation(epoch);
  }

  /** Moves the cursor to the next phase if this one has no epochs left; returns true if so. */
  leavePhase(): boolean {
    if (this.cursor.epoch < this.#phase.epochs) return false;
    nextPhase(this.cursor);
    return true;
  }

  get finished(): boolean {
    return this.cursor.phase >= this.#plan.phases.length;
  }

  /** True if all epochs of all phases are done, even if the cursor has not left the last phase. */
  get lastEpochDone(): boolean {
    return this.cursor.epochs === this.#schedule.totalEpochs;
  }

  /** True if one architecture is decided, so that the network can be evaluated and fused. */
  get frozen(): boolean {
    return this.#frozen;
  }

  /** Puts the average of the weights in their place, if there is one: the training is over. */
  takeAverage(): void {
    this.#plan.average.take();
  }

  /** Copies the state. @throws DivergedError if a weight or a running statistic is not finite: nothing could go on from it. */
  save(): StateRecord {
    const record = takeSnapshot(this.#plan, this.cursor, this.#frozen);
    this.#requireFinite(divergedWeight(record));
    return record;
  }

  /** Takes up a saved state. @throws Error if the record is of another network. */
  restore(record: StateRecord): void {
    const { cursor, frozen, architecture } = placeOf(record);
    if (frozen) this.#freeze(architecture);
    this.#plan.supernet.initialise(this.#plan.gamma);
    restoreSnapshot(this.#plan, record);
    this.cursor = cursor;
  }

  get #phase(): Phase {
    return this.#schedule.phase(this.cursor);
  }

  /** Returns true if gates are still being chosen: masks are drawn, or a decided architecture is about to shrink by its ranks. */
  #deciding(phase: Phase): boolean {
    return !this.#frozen || (this.#plan.ranked && phase.searches);
  }

  #activate(selection: Selection): ActiveBranches {
    const { supernet, gates } = this.#plan;
    if (!this.#frozen) return activeBranches(supernet.blocks, gates, selection);
    this.#every ??= everyBranch(supernet.blocks);
    return this.#every;
  }

  #learn(position: StepPosition, selection: Selection, pass: Pass): void {
    const { gates, importance, strategy, supernet } = this.#plan;
    const gateGradients = gradientsOfGates(gates, this.#activate(selection), pass);
    strategy.learn?.(position, { selection, gateGradients, parameters: supernet.view(pass.gradients) });
    this.#requireFinite(divergedRank(gates, importance.rank()));
  }

  /** @throws DivergedError if a value is not finite. */
  #requireFinite(diverged: string | undefined): void {
    if (!diverged) return;
    const { phases } = this.#plan;
    // After the last phase the cursor stands behind it.
    const phase = phases[Math.min(this.cursor.phase, phases.length - 1)];
    throw new DivergedError(this.cursor.step, diverged, phase?.name ?? 'none');
  }

  #freeze(architecture: Architecture): void {
    const { supernet, optimizer, average } = this.#plan;
    const trained = supernet.store.names().length > 0;
    supernet.blocks.freeze(architecture);
    if (trained && !this.#frozen) supernet.resetStatistics();
    optimizer.prune();
    average.reset();
    this.#frozen = true;
    this.#every = undefined;
  }

  #evaluationDue(): boolean {
    if (!this.#frozen) return false;
    const { epochs } = this.cursor;
    return epochs % this.#plan.evaluateEvery === 0 || epochs === this.#schedule.totalEpochs;
  }

  async *#evaluation(epoch: number): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const { average, evaluate } = this.#plan;
    const { accuracy, loss, images } = await average.during(evaluate).catch((error: unknown) => {
      if (error instanceof NotFiniteError) this.#requireFinite(error.message);
      throw error;
    });
    if (!cursor.best || accuracy > cursor.best.accuracy) cursor.best = { accuracy, step: cursor.step };
    yield { type: 'evaluation', of: 'multi-branch', epoch, step: cursor.step, images, accuracy, loss };
  }
}

/** Creates the event that lists the branches of every block. */
function architectureEvent({ supernet }: TrainingPlan, { step }: Cursor): RunEvent {
  const architecture = supernet.blocks.architecture();
  const kept = Object.values(architecture).reduce((sum, branches) => sum + branches.length, 0);
  return { type: 'architecture', step, architecture, kept };
}

/** Creates the event of the gates after an epoch of search: their ranks, how often each was active, which would be kept now. */
function gatesEvent({ importance, strategy, gates }: TrainingPlan, cursor: Cursor, phase: string): RunEvent {
  const chosen = strategy.architecture();
  const mask = gates.map(({ block, branch }) => (chosen[block]?.includes(branch) ? 1 : 0));
  const { epochs: epoch, step, sampled } = cursor;
  return { type: 'gates', phase, epoch, step, ranks: [...importance.rank()], sampled: [...sampled], mask };
}
