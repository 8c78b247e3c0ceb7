import { shapeProblem } from '../config/container/shape.js';
import type { NumberedEvent, Observer, ObserverSession, RunEvent } from '../contracts/index.js';
import { expect, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';
import { inTemporaryFolder } from './trial.js';

/** With what the laws of an observer are tried. */
export interface ObserverTestOptions {
  /** Options of the observer, as a config writes them. @default {} */
  readonly options?: object;
  /** Called after the observer has seen a whole run and completed, with the run folder, to look at what it wrote. */
  readonly look?: (folder: string) => void | Promise<void>;
}

/**
 * The laws of an observer, each to be run as a test: it takes every kind of event, in a short run and in one that is resumed,
 * and one that is over before anything happened; it completes.
 */
export function testObserver<Options>(observer: Observer<Options>, given: ObserverTestOptions = {}): Law[] {
  const { options, look } = given;
  const law = lawOf(`observer '${observer.name}'`);
  const session = async (folder: string, firstSequence: number): Promise<ObserverSession> => {
    const warn = (message: string): never => {
      throw new Error(`it warns: ${message}`);
    };
    return observer.start({ folder, firstSequence, interactive: false, warn }, parsed(observer, options)());
  };
  const watch = async (folder: string, events: readonly NumberedEvent[]): Promise<void> => {
    const { next, complete } = bound(await session(folder, events[0]?.sequence ?? 0));
    for (const event of events) {
      try {
        await next(event);
      } catch (error) {
        throw new Error(`it throws at event ${event.sequence}, ${event.type}: ${(error as Error).message}`);
      }
    }
    await complete();
  };
  return [
    law('is what the contract of an observer says', () => {
      const problem = shapeProblem('observer', observer);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      parsed(observer, options)();
    }),
    law('takes every kind of event of a run, and completes', () =>
      inTemporaryFolder(async (folder) => {
        await watch(folder, EVENTS);
        await look?.(folder);
      }),
    ),
    law('goes on with a run that is resumed', () =>
      inTemporaryFolder(async (folder) => {
        const middle = EVENTS.findIndex(({ type }) => type === 'checkpoint') + 1;
        // The run went on after its checkpoint, and was killed: those events come again.
        await watch(folder, EVENTS.slice(0, middle + 2));
        await watch(folder, EVENTS.slice(middle));
        await look?.(folder);
      }),
    ),
    law('completes where nothing happened', () => inTemporaryFolder((folder) => watch(folder, []))),
  ];
}

const bound = (session: ObserverSession): ObserverSession => ({
  next: (event) => session.next(event),
  complete: () => session.complete(),
});

const step = (number: number): RunEvent => ({
  type: 'step',
  phase: 'search',
  epoch: 0,
  step: number,
  totalSteps: 4,
  loss: 2 / number,
  learningRate: 0.1,
  images: 32,
  active: 2,
});

const RUN: readonly RunEvent[] = [
  {
    type: 'run-started',
    run: 'example',
    entrant: 'repnas',
    engine: 'cpu',
    device: 'CPU, 1 thread, JavaScript',
    versions: { node: '20.19.0' },
    seed: 1,
    totalSteps: 4,
    gates: 4,
    budget: 2,
  },
  { type: 'phase-started', phase: 'search', index: 0, epochs: 1, stepsPerEpoch: 4 },
  step(1),
  step(2),
  { type: 'checkpoint', step: 2, path: 'checkpoints/step-00000002', best: false },
  step(3),
  { type: 'warning', message: 'words with "quotes", commas\nand lines' },
  step(4),
  { type: 'epoch-ended', phase: 'search', epoch: 0, step: 4, loss: 0.9, trainAccuracy: 0.5 },
  {
    type: 'gates',
    phase: 'search',
    epoch: 0,
    step: 4,
    ranks: [0.1, -0.2, 0.3, 0],
    sampled: [2, 1, 3, 2],
    mask: [1, 0, 1, 0],
  },
  { type: 'architecture', step: 4, architecture: { block1: ['conv-kxk'], block2: ['conv-1x1'] }, kept: 2 },
  { type: 'evaluation', of: 'multi-branch', epoch: 0, step: 4, images: 100, accuracy: 0.5, loss: 1.1 },
  { type: 'certificate', relativeError: 1e-7, maxDifference: 1e-6, argmaxAgreement: 1, images: 100, tolerance: 1e-4 },
  { type: 'evaluation', of: 'fused', epoch: 0, step: 4, images: 100, accuracy: 0.5, loss: 1.1 },
  { type: 'export', format: 'tfjs', path: 'model/tfjs', bytes: 12345 },
  { type: 'done', run: 'example', result: { accuracy: 0.5 } },
];

const EVENTS: readonly NumberedEvent[] = RUN.map((event, sequence) => ({ ...event, sequence }));
