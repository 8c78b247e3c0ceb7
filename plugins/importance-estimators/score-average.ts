import type {
  Gate,
  ImportanceFeedback,
  ImportanceSession,
  ParameterView,
  RandomStream,
  StateRecord,
} from '../../core/contracts/index.js';

/** Ranks gates by a measured score, averaged over the steps in which they were active. A gate that never was ranks above all, so that it gets its turn. */
export class ScoreAverage implements ImportanceSession {
  readonly #gates: readonly Gate[];
  readonly #memory: number;
  readonly #noise: number;
  readonly #measure: (gate: Gate, parameters: ParameterView) => number;
  readonly #scores: Float64Array;
  readonly #counts: Float64Array;

  constructor(
    gates: readonly Gate[],
    memory: number,
    noise: number,
    measure: (gate: Gate, parameters: ParameterView) => number,
  ) {
    this.#gates = gates;
    this.#memory = memory;
    this.#noise = noise;
    this.#measure = measure;
    this.#scores = new Float64Array(gates.length);
    this.#counts = new Float64Array(gates.length);
  }

  rank(noise?: RandomStream): Float64Array {
    const seen = this.#scores.filter((_, at) => (this.#counts[at] ?? 0) > 0);
    const highest = seen.length > 0 ? Math.max(...seen) : 0;
    return this.#scores.map((score, at) => {
      const known = (this.#counts[at] ?? 0) > 0 ? score / (1 - this.#memory ** (this.#counts[at] ?? 1)) : highest;
      return known + (noise ? this.#noise * (highest || 1) * noise.normal() : 0);
    });
  }

  learn({ mask, parameters }: ImportanceFeedback): void {
    for (const [at, gate] of this.#gates.entries()) {
      if (!mask[at]) continue;
      const score = this.#measure(gate, parameters);
      this.#scores[at] = this.#memory * (this.#scores[at] ?? 0) + (1 - this.#memory) * score;
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    }
  }

  save(): StateRecord {
    return { arrays: { scores: this.#scores.slice(), counts: this.#counts.slice() }, values: {} };
  }

  restore({ arrays }: StateRecord): void {
    for (const [name, target] of [
      ['scores', this.#scores],
      ['counts', this.#counts],
    ] as const) {
      const saved = arrays[name];
      if (saved?.length !== target.length) {
        throw new Error(`the gates' ${name} has ${saved?.length ?? 'no'} values; expected ${target.length}`);
      }
      target.set(saved);
    }
  }
}
