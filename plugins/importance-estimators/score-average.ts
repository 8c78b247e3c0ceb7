import type {
  Gate,
  ImportanceFeedback,
  ImportanceSession,
  ParameterView,
  RandomStream,
  StateRecord,
} from '../../core/contracts/index.js';
import { gateNumbers } from './gate-state.js';

/** Scores one gate after a step. `slope` is dLoss/dgate of that step. */
export type Measure = (gate: Gate, parameters: ParameterView, slope: number) => number;

/**
 * Ranks gates by a measured score: its exponential average over the steps in which the gate was active, divided by the weight
 * that average has gathered (as Adam does), so that a young one is not taken for a low one. A gate that was never active ranks
 * level with the best, so that it gets its turn.
 */
export class ScoreAverage implements ImportanceSession {
  readonly #gates: readonly Gate[];
  readonly #memory: number;
  readonly #noise: number;
  readonly #measure: Measure;
  readonly #scores: Float64Array;
  readonly #counts: Float64Array;

  constructor(gates: readonly Gate[], memory: number, noise: number, measure: Measure) {
    this.#gates = gates;
    this.#memory = memory;
    this.#noise = noise;
    this.#measure = measure;
    this.#scores = new Float64Array(gates.length);
    this.#counts = new Float64Array(gates.length);
  }

  rank(noise?: RandomStream): Float64Array {
    const means = Array.from(this.#scores, (score, at) => {
      const count = this.#counts[at] as number;
      return count === 0 ? undefined : score / (1 - this.#memory ** count);
    });
    const highest = means.reduce<number>((best, mean = 0) => Math.max(best, mean), 0);
    const spread = this.#noise * (highest || 1);
    return Float64Array.from(means, (mean = highest) => mean + (noise ? spread * noise.normal() : 0));
  }

  learn({ mask, gateGradients, parameters }: ImportanceFeedback): void {
    for (const [at, gate] of this.#gates.entries()) {
      if (!mask[at]) continue;
      const score = this.#measure(gate, parameters, gateGradients[at] as number);
      this.#scores[at] = this.#memory * (this.#scores[at] ?? 0) + (1 - this.#memory) * score;
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    }
  }

  save(): StateRecord {
    return { arrays: { scores: this.#scores.slice(), counts: this.#counts.slice() }, values: {} };
  }

  restore(record: StateRecord): void {
    this.#scores.set(gateNumbers(record, 'scores', this.#gates.length));
    this.#counts.set(gateNumbers(record, 'counts', this.#gates.length));
  }
}
