import type { MomentumStepAttributes } from '../../../core/engine/kernels.js';
import { ALGORITHM } from './ffi/constants.js';
import type { OneDnnBackend } from './backend.js';
import { binary, plus, row, SCALAR, type Then, times } from './elementwise.js';

/** From here on calls of the library beat a loop. */
const LARGE = 2 ** 13;
/** Values that are moved at once: what the first call of the library wrote is still in the cache for the second. */
const BLOCK = 2 ** 17;

export interface Rates extends MomentumStepAttributes {
  /** Of the gradient, from clipping. */
  readonly scale: number;
}

/** The values of one parameter, and where the new ones go: over the old ones, or elsewhere. */
export interface State {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  readonly velocity: Float32Array;
  readonly next: Float32Array;
  readonly moved: Float32Array;
}

/** Moves parameters by momentum, any number of them by the same rates. */
export function mover(backend: OneDnnBackend, rates: Rates): (state: State) => void {
  const { scale, momentum } = rates;
  // What is divided by in passes.
  const divisible = scale > 0 && momentum > 0 && Number.isFinite(scale);
  const pass = divisible ? passes(backend, rates) : undefined;
  return (state) => {
    const { length } = state.next;
    if (!pass || length < LARGE) moveInLoop(state, rates);
    else if (length <= BLOCK) pass(state);
    else for (let from = 0; from < length; from += BLOCK) pass(part(state, from, Math.min(length, from + BLOCK)));
  };
}

const part = ({ parameter, gradient, velocity, next, moved }: State, from: number, to: number): State => ({
  parameter: parameter.subarray(from, to),
  gradient: gradient.subarray(from, to),
  velocity: velocity.subarray(from, to),
  next: next.subarray(from, to),
  moved: moved.subarray(from, to),
});

/**
 * In two passes of the library. The rates are operands, since they change with every step:
 * v' = ((p·d/s + g)·s/m + v)·m and, with Nesterov, p' = (v·(−m/(1+m)) + v')·(−η(1+m)) + p, without p' = v'·(−η) + p.
 */
function passes(
  backend: OneDnnBackend,
  { scale, learningRate, momentum, weightDecay, nesterov }: Rates,
): (state: State) => void {
  const number = (value: number): Float32Array => Float32Array.of(value);
  const [keep, rate] = [number(momentum), number(-learningRate)];
  const [decay, share] = [number(weightDecay / scale), number(scale / momentum)];
  const [before, ahead] = [number(-momentum / (1 + momentum)), number(-learningRate * (1 + momentum))];
  const plain = weightDecay === 0 && scale === 1;
  return ({ parameter, gradient, velocity, next, moved }) => {
    const all = row(next.length);
    const multiply = (then: readonly Then[]) => binary(backend, ALGORITHM.multiply, all, SCALAR, then);
    const accelerate = (to: Float32Array): void => {
      if (plain) multiply([plus(all)]).run(velocity, keep, gradient, to);
      else
        multiply([plus(all), times(SCALAR), plus(all), times(SCALAR)]).run(
          ...[parameter, decay, gradient, share, velocity, keep, to],
        );
    };
    if (!nesterov) {
      accelerate(moved);
      multiply([plus(all)]).run(moved, rate, parameter, next);
      return;
    }
    // The second pass reads the old velocity beside the new one.
    backend.scratch(moved.length, (apart) => {
      accelerate(apart);
      multiply([plus(all), times(SCALAR), plus(all)]).run(velocity, before, apart, ahead, parameter, next);
      moved.set(apart);
    });
  };
}

function moveInLoop(
  { parameter, gradient, velocity, next, moved }: State,
  { scale, learningRate, momentum, weightDecay, nesterov }: Rates,
): void {
  for (let at = 0; at < parameter.length; at++) {
    const p = parameter[at] as number;
    const g = scale * (gradient[at] as number) + weightDecay * p;
    const v = momentum * (velocity[at] as number) + g;
    moved[at] = v;
    next[at] = p - learningRate * (nesterov ? g + momentum * v : v);
  }
}
