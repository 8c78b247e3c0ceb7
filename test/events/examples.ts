import type { NumberedEvent, RunEvent } from '../../core/contracts/index.js';

export const numbered = (events: readonly RunEvent[], first = 0): NumberedEvent[] =>
  events.map((event, index) => ({ ...event, sequence: first + index }));

export const step = (number: number, totalSteps = 100): RunEvent => ({
  type: 'step',
  phase: 'search',
  epoch: Math.floor((number - 1) / 10),
  step: number,
  totalSteps,
  loss: 2 / number,
  learningRate: 0.1,
  images: 32,
  active: 7,
});

export const started: RunEvent = {
  type: 'run-started',
  run: 'toy',
  entrant: 'repnas',
  engine: 'cpu',
  device: 'a CPU',
  versions: {},
  seed: 1,
  totalSteps: 100,
  gates: 66,
  budget: 22,
};

export const phase: RunEvent = { type: 'phase-started', phase: 'search', index: 0, epochs: 10, stepsPerEpoch: 10 };

export const epochEnded: RunEvent = {
  type: 'epoch-ended',
  phase: 'search',
  epoch: 0,
  step: 10,
  loss: 0.5,
  trainAccuracy: 0.25,
};

export const evaluation: RunEvent = {
  type: 'evaluation',
  of: 'multi-branch',
  epoch: 0,
  step: 10,
  images: 1000,
  accuracy: 0.5,
  loss: 1.5,
};

export const warning: RunEvent = { type: 'warning', message: 'mind, "the" gap' };

export const done: RunEvent = { type: 'done', run: 'toy', result: {} };
