export { type Task, timeInTurns, type TimingOptions } from './in-turns.js';
export { type Timing, timingOf } from './statistics.js';
export { peakMiB, resetPeak } from './peak-memory.js';
