import * as tf from '@tensorflow/tfjs-core';
import type { RunEvent } from '../contracts/events.js';
import type { Architecture } from '../contracts/search-space.js';
import type { StateRecord } from '../contracts/state.js';
import type { Phase, Selection, StepPosition } from '../contracts/strategy.js';
import { type ActiveBranches, activeBranches, everyBranch } from '../reparam/network/active-branches.js';
import { Course } from './course.js';
import { type Cursor, countStep, nextEpoch, nextPhase, start } from './cursor.js';
import { architectureEvent, gatesEvent } from './decisions.js';
import { divergedPass, divergedRank } from './diverged.js';
import { DivergedError } from './diverged-error.js';
import { NotFiniteError } from './not-finite.js';
import { divergedWeight, placeOf, putBack, takeSnapshot } from './snapshot.js';
import { forwardBackward, type Pass } from './step.js';
import { StoppedError } from './stopped.js';
import type { TrainingPlan } from './training-plan.js';
import { gradientsOfGates, updateParameters } from './update.js';

/** The training of one network: phases of epochs of steps. Holds all that changes, and can save and restore it between any two steps. */
export class Training {
  readonly #plan: TrainingPlan;
  cursor: Cursor;
  readonly #course: Course;
  #frozen = false;
  /** Of the architecture that is decided. */
  #every: ActiveBranches | undefined;

  constructor(plan: TrainingPlan) {
    this.#plan = plan;
    this.#course = new Course(plan.phases, plan.stepsPerEpoch);
    this.cursor = start(plan.gates.length);
  }

  get totalSteps(): number {
    return this.#course.totalSteps;
  }

  /** Prepares the phase the cursor stands at. */
  async *enterPhase(): AsyncGenerator<RunEvent> {
    const { strategy, supernet, lab, stepsPerEpoch } = this.#plan;
    const phase = this.#phase;
    if (this.cursor.entered) return;
    let architecture: Architecture | undefined;
    try {
      architecture = await strategy.beforePhase?.(phase, lab);
    } catch (error) {
      // A search between two phases that was stopped: it begins anew when the run goes on.
      if (error instanceof StoppedError) return;
      throw error;
    }
    yield { type: 'phase-started', phase: phase.name, index: this.cursor.phase, epochs: phase.epochs, stepsPerEpoch };
    if (architecture) this.#freeze(architecture);
    if (supernet.store.names().length === 0) supernet.initialise(this.#plan.gamma);
    if (architecture) yield architectureEvent(this.#plan, this.cursor);
    this.cursor.entered = true;
  }

  /** Steps of the epoch the cursor stands in, one for each pull. */
  async *steps(): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const plan = this.#plan;
    const phase = this.#phase;
    for await (const batch of plan.batches(cursor.epochs, cursor.batch)) {
      const position = this.#course.position(cursor);
      const selection = plan.strategy.select(position);
      const active = this.#activate(selection);
      const pass = await forwardBackward(plan.supernet, batch, active, cursor.step);
      const progress = this.#course.progress(cursor);
      const learningRate = plan.learningRate(progress);
      try {
        this.#demandNumbers(divergedPass(pass));
        if (phase.searches) this.#learn(position, selection, pass);
        updateParameters(plan, pass, { learningRate, weightDecay: plan.weightDecay(progress) });
      } finally {
        // Also where an engine or a part fails on the way.
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

  /** Closes the epoch: its figures, an evaluation where one is due, what the strategy makes of it. */
  async *endEpoch(): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const { strategy, lab } = this.#plan;
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
    const position = this.#course.position(cursor);
    nextEpoch(cursor);
    const changed = await strategy.afterEpoch?.(position, lab);
    if (changed) {
      this.#freeze(changed);
      yield architectureEvent(this.#plan, this.cursor);
    }
    if (this.#evaluationDue()) yield* this.#evaluation(epoch);
  }

  /** Whether the phase has no epochs left; then the cursor moves to the next. */
  leavePhase(): boolean {
    if (this.cursor.epoch < this.#phase.epochs) return false;
    nextPhase(this.cursor);
    return true;
  }

  get finished(): boolean {
    return this.cursor.phase >= this.#plan.phases.length;
  }

  /** Whether all epochs of all phases are done, whatever the cursor still has to be told. */
  get lastEpochDone(): boolean {
    return this.cursor.epochs === this.#course.totalEpochs;
  }

  /** Whether one architecture is decided, so that the network can be evaluated and fused. */
  get frozen(): boolean {
    return this.#frozen;
  }

  /** @throws DivergedError where a weight or a running statistic is not a number, which nothing could go on from. */
  save(): StateRecord {
    const record = takeSnapshot(this.#plan, this.cursor, this.#frozen);
    this.#demandNumbers(divergedWeight(record));
    return record;
  }

  /** @throws Error when the record is of another network. */
  restore(record: StateRecord): void {
    const { cursor, frozen, architecture } = placeOf(record);
    if (frozen) this.#freeze(architecture);
    this.#plan.supernet.initialise(this.#plan.gamma);
    putBack(this.#plan, record);
    this.cursor = cursor;
  }

  get #phase(): Phase {
    return this.#course.phase(this.cursor);
  }

  /** Whether gates are still being chosen: masks are drawn, or a decided architecture is about to shrink by its ranks. */
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
    this.#demandNumbers(divergedRank(gates, importance.rank()));
  }

  /** @throws DivergedError where something is not a number. */
  #demandNumbers(diverged: string | undefined): void {
    if (!diverged) return;
    const { phases } = this.#plan;
    // After the last phase the cursor stands behind it.
    const phase = phases[Math.min(this.cursor.phase, phases.length - 1)];
    throw new DivergedError(this.cursor.step, diverged, phase?.name ?? 'none');
  }

  #freeze(architecture: Architecture): void {
    const { supernet, optimizer } = this.#plan;
    const trained = supernet.store.names().length > 0;
    supernet.blocks.freeze(architecture);
    if (trained && !this.#frozen) supernet.resetStatistics();
    optimizer.prune();
    this.#frozen = true;
    this.#every = undefined;
  }

  #evaluationDue(): boolean {
    if (!this.#frozen) return false;
    const { epochs } = this.cursor;
    return epochs % this.#plan.evaluateEvery === 0 || epochs === this.#course.totalEpochs;
  }

  async *#evaluation(epoch: number): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const { accuracy, loss, images } = await this.#plan.evaluate().catch((error: unknown) => {
      if (error instanceof NotFiniteError) this.#demandNumbers(error.message);
      throw error;
    });
    if (!cursor.best || accuracy > cursor.best.accuracy) cursor.best = { accuracy, step: cursor.step };
    yield { type: 'evaluation', of: 'multi-branch', epoch, step: cursor.step, images, accuracy, loss };
  }
}
