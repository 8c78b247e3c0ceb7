import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';

// A run's file of events, read as it grows: each look reads only what was added. What is kept does not grow with the run: steps are
// averaged into a bounded number of points, everything else comes once an epoch or less.

/** A mean over some steps. */
export interface StepPoint {
  /** The last of them. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** Accuracy and loss of an epoch's training images, or of the test images after it. */
export interface EpochPoint {
  readonly step: number;
  readonly images: 'training' | 'test' | 'fused';
  readonly accuracy: number;
  readonly loss: number;
}

/** The gates at the end of an epoch of the search. */
export interface GatesPoint {
  readonly epoch: number;
  readonly ranks: readonly number[];
  readonly mask: readonly number[];
}

const number = z.number();
const heard = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run-started'),
    entrant: z.string(),
    engine: z.string(),
    device: z.string(),
    totalSteps: number,
    gates: number,
  }),
  z.object({ type: z.literal('phase-started'), phase: z.string() }),
  z.object({
    type: z.literal('step'),
    step: number,
    totalSteps: number,
    loss: number,
    learningRate: number,
    images: number,
  }),
  z.object({ type: z.literal('epoch-ended'), step: number, loss: number, trainAccuracy: number }),
  z.object({ type: z.literal('evaluation'), of: z.string(), step: number, accuracy: number, loss: number }),
  z.object({
    type: z.literal('gates'),
    epoch: number,
    ranks: z.array(number),
    mask: z.array(number),
  }),
  z.object({ type: z.literal('architecture'), architecture: z.record(z.string(), z.array(z.string())), kept: number }),
  z.object({
    type: z.literal('certificate'),
    relativeError: number,
    tolerance: number,
    argmaxAgreement: number,
    images: number,
  }),
  z.object({ type: z.literal('warning'), message: z.string() }),
]);

type Heard = z.output<typeof heard>;
export type Certificate = Extract<Heard, { type: 'certificate' }>;

/** One training: a run has two if it names a baseline. */
export class Training {
  entrant = '';
  engine = '';
  device = '';
  phase = '';
  step = 0;
  totalSteps = 0;
  steps: StepPoint[] = [];
  readonly epochs: EpochPoint[] = [];
  readonly gates: GatesPoint[] = [];
  /** The first one, of all branches in many searches, and the newest. */
  firstArchitecture: Readonly<Record<string, readonly string[]>> | undefined;
  architecture: Readonly<Record<string, readonly string[]>> | undefined;
  certificate: Certificate | undefined;
  /** Steps that a point averages over. */
  #stride = 1;
  #sum = { loss: 0, count: 0 };

  /** Adds a step; where there are too many points, halves them. */
  addStep({ step, totalSteps, loss, learningRate }: Extract<Heard, { type: 'step' }>): void {
    this.step = step;
    this.totalSteps = totalSteps;
    this.#sum.loss += loss;
    this.#sum.count++;
    if (this.#sum.count < this.#stride) return;
    this.steps.push({ step, loss: this.#sum.loss / this.#sum.count, learningRate });
    this.#sum = { loss: 0, count: 0 };
    if (this.steps.length < MOST_POINTS) return;
    this.#stride *= 2;
    this.steps = this.steps.flatMap((point, at) => {
      const before = at % 2 === 1 ? (this.steps[at - 1] as StepPoint) : undefined;
      return before ? [{ ...point, loss: (before.loss + point.loss) / 2 }] : [];
    });
  }
}

const MOST_POINTS = 1000;
const MOST_WARNINGS = 100;
const CHUNK = 2 ** 20;

/** A run as its events tell it so far. */
export class RunFollower {
  trainings: Training[] = [];
  warnings: string[] = [];
  /** Images a second between the last two looks that found steps; undefined before. */
  imagesPerSecond: number | undefined;
  readonly #path: string;
  #offset = 0;
  #rest = '';
  #decoder = new StringDecoder('utf8');
  #looked: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads what was added. A file that is shorter than before was begun anew, and is read from its start; one that is gone has nothing. */
  look(now = performance.now()): void {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch {
      return;
    }
    try {
      const { size } = fstatSync(file);
      if (size < this.#offset) this.#begin();
      const images = this.#readTo(file, size);
      if (images > 0 && this.#looked !== undefined && now > this.#looked)
        this.imagesPerSecond = (1000 * images) / (now - this.#looked);
      if (images > 0 || this.#looked === undefined) this.#looked = now;
    } finally {
      closeSync(file);
    }
  }

  #begin(): void {
    this.trainings = [];
    this.warnings = [];
    this.#offset = 0;
    this.#rest = '';
    this.#decoder = new StringDecoder('utf8');
  }

  /** Returns the number of images in the steps that were added. */
  #readTo(file: number, size: number): number {
    const bytes = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size - this.#offset)));
    let images = 0;
    while (this.#offset < size) {
      const read = readSync(file, bytes, 0, Math.min(bytes.length, size - this.#offset), this.#offset);
      if (read === 0) break;
      this.#offset += read;
      const lines = (this.#rest + this.#decoder.write(bytes.subarray(0, read))).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) images += this.#hear(line);
    }
    return images;
  }

  #hear(line: string): number {
    let event: Heard | undefined;
    try {
      event = heard.safeParse(JSON.parse(line)).data;
    } catch {
      return 0;
    }
    if (!event) return 0;
    if (event.type === 'run-started') {
      const again = this.trainings.find(({ entrant }) => entrant === event.entrant);
      const training = again ?? new Training();
      Object.assign(training, { entrant: event.entrant, engine: event.engine, device: event.device });
      training.totalSteps = event.totalSteps;
      if (!again) this.trainings.push(training);
    }
    const training = this.trainings.at(-1);
    if (event.type === 'warning') this.warnings = [...this.warnings, event.message].slice(-MOST_WARNINGS);
    if (!training) return 0;
    switch (event.type) {
      case 'phase-started':
        training.phase = event.phase;
        break;
      case 'step':
        training.addStep(event);
        return event.images;
      case 'epoch-ended':
        training.epochs.push({ step: event.step, images: 'training', accuracy: event.trainAccuracy, loss: event.loss });
        break;
      case 'evaluation': {
        const images = event.of === 'fused' ? 'fused' : 'test';
        training.epochs.push({ step: event.step, images, accuracy: event.accuracy, loss: event.loss });
        break;
      }
      case 'gates':
        training.gates.push({ epoch: event.epoch, ranks: event.ranks, mask: event.mask });
        break;
      case 'architecture':
        training.firstArchitecture ??= event.architecture;
        training.architecture = event.architecture;
        break;
      case 'certificate':
        training.certificate = event;
        break;
      case 'run-started':
      case 'warning':
    }
    return 0;
  }
}
