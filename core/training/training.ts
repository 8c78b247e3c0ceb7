import * as tf from '@tensorflow/tfjs-core';
import type { RunEvent } from '../contracts/events.js';
import type { ImportanceSession } from '../contracts/importance-estimator.js';
import type { Architecture, Gate } from '../contracts/search-space.js';
import type { StateRecord } from '../contracts/state.js';
import type { Lab, Phase, Selection, StepPosition, StrategySession } from '../contracts/strategy.js';
import { type ActiveBranches, activeBranches, type Supernet } from '../network/supernet.js';
import { type Cursor, nextEpoch, nextPhase, start } from './cursor.js';
import type { Optimizer } from './optimizer.js';
import type { Schedule } from './schedule.js';
import { StoppedError } from './stopped.js';
import { clipFactor, forwardBackward, type Pass, type TrainingBatch } from './step.js';

export interface TrainingPlan {
  readonly supernet: Supernet;
  readonly strategy: StrategySession;
  readonly importance: ImportanceSession;
  readonly gates: readonly Gate[];
  readonly phases: readonly Phase[];
  readonly optimizer: Optimizer;
  /** Over all epochs of the run. */
  readonly learningRate: Schedule;
  readonly weightDecay: Schedule;
  /** Largest joint norm of the gradients. */
  readonly clip: number | false;
  readonly stepsPerEpoch: number;
  /** Batches of an epoch of the run, from the given one on. */
  batches(epoch: number, from: number): AsyncIterable<TrainingBatch>;
  /** Accuracy and mean loss on the test images, unfused. */
  evaluate(): Promise<{ readonly accuracy: number; readonly loss: number; readonly images: number }>;
  /** Epochs between evaluations of a network whose architecture is decided; the last epoch is always evaluated. */
  readonly evaluateEvery: number;
  readonly lab: Lab;
  /** Initial scale of a closing batch-norm. */
  gamma(block: string, branch: string): number;
}

/** A step that computed something that is not a number: the parameters are those of the step before. */
export class DivergedError extends Error {
  readonly step: number;

  constructor(step: number, what: string, phase: string) {
    super(`${what} in step ${step} (phase ${phase}); lower train.optimizer.learningRate or set train.clip`);
    this.name = 'DivergedError';
    this.step = step;
  }
}

/** The training of one network: phases of epochs of steps. Holds all that changes, and can save and restore it between any two steps. */
export class Training {
  readonly #plan: TrainingPlan;
  cursor: Cursor;
  #frozen = false;

  constructor(plan: TrainingPlan) {
    this.#plan = plan;
    this.cursor = start(plan.gates.length);
  }

  get totalSteps(): number {
    return this.#totalEpochs() * this.#plan.stepsPerEpoch;
  }

  /** Prepares the phase the cursor stands at. */
  async *enterPhase(): AsyncGenerator<RunEvent> {
    const { strategy, supernet, lab, stepsPerEpoch } = this.#plan;
    const phase = this.#phase();
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
    if (architecture) yield this.#architectureEvent();
    this.cursor.entered = true;
  }

  /** Steps of the epoch the cursor stands in, one for each pull. */
  async *steps(): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const plan = this.#plan;
    const phase = this.#phase();
    for await (const batch of plan.batches(cursor.epochs, cursor.batch)) {
      const position = this.#position();
      const selection = plan.strategy.select(position);
      const active = this.#activate(selection);
      const pass = await forwardBackward(plan.supernet, batch, active, cursor.step);
      const learningRate = plan.learningRate(this.#progress());
      try {
        const diverged = divergence(pass);
        if (diverged) throw new DivergedError(cursor.step, diverged, phase.name);
        if (phase.searches) this.#learn(position, selection, pass);
        this.#update(pass, learningRate);
      } finally {
        // Also where an engine or a part fails on the way.
        tf.dispose([...pass.gradients.values()]);
      }
      this.#count(batch.size, pass, selection);
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
    const phase = this.#phase();
    const { epochs: epoch, step } = cursor;
    yield {
      type: 'epoch-ended',
      phase: phase.name,
      epoch,
      step,
      loss: cursor.lossSum / cursor.images,
      trainAccuracy: cursor.correct / cursor.images,
    };
    if (!this.#frozen && this.#plan.gates.length > 0) yield this.#gatesEvent(phase);
    const position = this.#position();
    nextEpoch(cursor);
    const changed = await strategy.afterEpoch?.(position, lab);
    if (changed) {
      this.#freeze(changed);
      yield this.#architectureEvent();
    }
    if (this.#evaluationDue()) yield* this.#evaluation(epoch);
  }

  /** Whether the phase has no epochs left; then the cursor moves to the next. */
  leavePhase(): boolean {
    if (this.cursor.epoch < this.#phase().epochs) return false;
    nextPhase(this.cursor);
    return true;
  }

  get finished(): boolean {
    return this.cursor.phase >= this.#plan.phases.length;
  }

  /** Whether all epochs of all phases are done, whatever the cursor still has to be told. */
  get lastEpochDone(): boolean {
    return this.cursor.epochs === this.#totalEpochs();
  }

  /** Whether one architecture is decided, so that the network can be evaluated and fused. */
  get frozen(): boolean {
    return this.#frozen;
  }

  save(): StateRecord {
    const { supernet, optimizer, strategy, importance } = this.#plan;
    const parts = { optimizer: optimizer.save(), strategy: strategy.save(), importance: importance.save() };
    const weights = supernet.store.names().map((name) => [`weights/${name}`, supernet.store.read(name)] as const);
    const arrays = Object.entries(parts).flatMap(([part, { arrays }]) =>
      Object.entries(arrays).map(([name, values]) => [`${part}/${name}`, values] as const),
    );
    return {
      arrays: Object.fromEntries([...weights, ...arrays]),
      values: {
        cursor: structuredClone(this.cursor),
        frozen: this.#frozen,
        architecture: supernet.architecture(),
        ...Object.fromEntries(Object.entries(parts).map(([part, { values }]) => [part, values])),
      },
    };
  }

  /** @throws Error when the record is of another network. */
  restore(record: StateRecord): void {
    const { supernet, optimizer, strategy, importance } = this.#plan;
    const values = record.values as { cursor: Cursor; frozen: boolean; architecture: Architecture } & Record<
      string,
      StateRecord['values']
    >;
    if (values.frozen) this.#freeze(values.architecture);
    supernet.initialise(this.#plan.gamma);
    for (const name of supernet.store.names()) {
      const saved = record.arrays[`weights/${name}`];
      if (!saved) throw new Error(`the checkpoint holds no values for ${name}; it is of another network`);
      supernet.store.write(name, saved as Float32Array);
    }
    const part = (name: string): StateRecord => ({
      arrays: Object.fromEntries(
        Object.entries(record.arrays).flatMap(([key, array]) =>
          key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), array]] : [],
        ),
      ),
      values: values[name] ?? {},
    });
    optimizer.restore(part('optimizer'));
    strategy.restore(part('strategy'));
    importance.restore(part('importance'));
    this.cursor = structuredClone(values.cursor);
  }

  #phase(): Phase {
    const phase = this.#plan.phases[this.cursor.phase];
    if (!phase) throw new Error('the training is over');
    return phase;
  }

  #totalEpochs(): number {
    return this.#plan.phases.reduce((sum, { epochs }) => sum + epochs, 0);
  }

  #progress(): number {
    return this.cursor.step / this.totalSteps;
  }

  #position(): StepPosition {
    const { phase: phaseIndex, step, epochs: epoch, epoch: inPhase, batch } = this.cursor;
    const phase = this.#phase();
    const { stepsPerEpoch } = this.#plan;
    return {
      phase,
      phaseIndex,
      step,
      epoch,
      progress: (inPhase * stepsPerEpoch + batch) / (phase.epochs * stepsPerEpoch),
    };
  }

  #activate(selection: Selection): ActiveBranches {
    const { supernet, gates } = this.#plan;
    return this.#frozen ? supernet.everything() : activeBranches(supernet, gates, selection);
  }

  #learn(position: StepPosition, selection: Selection, pass: Pass): void {
    const { gates, importance, strategy, supernet } = this.#plan;
    const active = this.#activate(selection);
    const gateGradients = Float64Array.from(gates, ({ block, branch }) => {
      const at = active.get(block)?.findIndex((entry) => entry.branch.name === branch) ?? -1;
      return at < 0 ? 0 : (pass.gateGradients.get(block)?.[at] ?? 0);
    });
    strategy.learn?.(position, { selection, gateGradients, parameters: supernet.view(pass.gradients) });
    const wrong = importance.rank().findIndex((rank) => !Number.isFinite(rank));
    const gate = gates[wrong];
    if (!gate) return;
    throw new DivergedError(
      this.cursor.step,
      `the rank of gate ${gate.block}/${gate.branch} became no number`,
      position.phase.name,
    );
  }

  #update(pass: Pass, learningRate: number): void {
    const { optimizer, clip, weightDecay, strategy } = this.#plan;
    const gradients = new Map(pass.gradients);
    const scaled: tf.Tensor[] = [];
    for (const [name, gradient] of gradients) {
      const factors = strategy.gradientScale?.(name, gradient.shape);
      if (!factors) continue;
      gradients.set(
        name,
        tf.tidy(() => tf.mul(gradient, tf.tensor(factors, gradient.shape))),
      );
      gradient.dispose();
      scaled.push(gradients.get(name) as tf.Tensor);
    }
    const scale = clipFactor(gradients, clip);
    try {
      optimizer.step(gradients, scale, { learningRate, weightDecay: weightDecay(this.#progress()) });
    } finally {
      tf.dispose([scale, ...scaled]);
    }
  }

  #count(images: number, pass: Pass, selection: Selection): void {
    const { cursor } = this;
    cursor.step++;
    cursor.batch++;
    cursor.images += images;
    cursor.lossSum += pass.loss * images;
    cursor.correct += pass.correct;
    if (this.#frozen) return;
    for (const [gate, kept] of selection.mask.entries()) cursor.sampled[gate] = (cursor.sampled[gate] ?? 0) + kept;
  }

  #freeze(architecture: Architecture): void {
    const { supernet, optimizer } = this.#plan;
    const trained = supernet.store.names().length > 0;
    supernet.freeze(architecture);
    if (trained && !this.#frozen) supernet.resetStatistics();
    optimizer.prune();
    this.#frozen = true;
  }

  #architectureEvent(): RunEvent {
    const architecture = this.#plan.supernet.architecture();
    const kept = Object.values(architecture).reduce((sum, branches) => sum + branches.length, 0);
    return { type: 'architecture', step: this.cursor.step, architecture, kept };
  }

  #gatesEvent(phase: Phase): RunEvent {
    const { importance, strategy, gates } = this.#plan;
    const chosen = strategy.architecture();
    const mask = gates.map(({ block, branch }) => (chosen[block]?.includes(branch) ? 1 : 0));
    const { epochs: epoch, step, sampled } = this.cursor;
    return {
      type: 'gates',
      phase: phase.name,
      epoch,
      step,
      ranks: [...importance.rank()],
      sampled: [...sampled],
      mask,
    };
  }

  #evaluationDue(): boolean {
    if (!this.#frozen) return false;
    const { epochs } = this.cursor;
    return epochs % this.#plan.evaluateEvery === 0 || epochs === this.#totalEpochs();
  }

  async *#evaluation(epoch: number): AsyncGenerator<RunEvent> {
    const { cursor } = this;
    const { accuracy, loss, images } = await this.#plan.evaluate();
    if (!cursor.best || accuracy > cursor.best.accuracy) cursor.best = { accuracy, step: cursor.step };
    yield { type: 'evaluation', of: 'multi-branch', epoch, step: cursor.step, images, accuracy, loss };
  }
}

/** What of a pass is not a number; nothing where all of it is. */
function divergence({ loss, squaredNorm, gateGradients }: Pass): string | undefined {
  if (!Number.isFinite(loss)) return `the loss became ${loss}`;
  for (const [block, gradients] of gateGradients) {
    const wrong = gradients.find((gradient) => !Number.isFinite(gradient));
    if (wrong !== undefined) return `the gradient of a gate of block ${block} became ${wrong}`;
  }
  if (!Number.isFinite(squaredNorm)) return `the norm of the gradients became ${Math.sqrt(squaredNorm)}`;
  return undefined;
}
