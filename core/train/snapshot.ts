import type { Architecture } from '../contracts/search-space.js';
import type { StateRecord } from '../contracts/state.js';
import type { Cursor } from './cursor.js';
import { notFinite } from './not-finite.js';
import type { TrainingPlan } from './training-plan.js';

/** The parts of a training that keep a state of their own. */
const STATEFUL = ['optimizer', 'strategy', 'importance'] as const;

const WEIGHTS = 'weights/';

/** All that decides how a training goes on: weights, the parts' state, the position, and the architecture where one is decided. */
export function takeSnapshot(plan: TrainingPlan, cursor: Cursor, frozen: boolean): StateRecord {
  const { store, blocks } = plan.supernet;
  const parts = STATEFUL.map((part) => [part, plan[part].save()] as const);
  const weights = store.names().map((name) => [`${WEIGHTS}${name}`, store.read(name)] as const);
  const arrays = parts.flatMap(([part, { arrays }]) =>
    Object.entries(arrays).map(([name, values]) => [`${part}/${name}`, values] as const),
  );
  return {
    arrays: Object.fromEntries([...weights, ...arrays]),
    values: {
      cursor: structuredClone(cursor),
      frozen,
      architecture: blocks.architecture(),
      ...Object.fromEntries(parts.map(([part, { values }]) => [part, values])),
    },
  };
}

/** Which weight or running statistic of a snapshot is no number; undefined where all are. */
export const divergedWeight = ({ arrays }: StateRecord): string | undefined =>
  notFinite(
    Object.entries(arrays).flatMap(([name, values]) =>
      name.startsWith(WEIGHTS) ? [[`parameter ${name.slice(WEIGHTS.length)}`, values as Float32Array] as const] : [],
    ),
  );

/** Where the training stood, and what it had decided. */
export function placeOf({ values }: StateRecord): { cursor: Cursor; frozen: boolean; architecture: Architecture } {
  const { cursor, frozen, architecture } = values as unknown as ReturnType<typeof placeOf>;
  return { cursor: structuredClone(cursor), frozen, architecture };
}

/** Puts back weights and the parts' state; the supernet has the snapshot's branches. @throws Error when it is of another network. */
export function putBack(plan: TrainingPlan, { arrays, values }: StateRecord): void {
  const { store } = plan.supernet;
  for (const name of store.names()) {
    const saved = arrays[`${WEIGHTS}${name}`];
    if (!saved) throw new Error(`the checkpoint holds no values for ${name}; it is of another network`);
    store.write(name, saved as Float32Array);
  }
  for (const part of STATEFUL) {
    const own = Object.entries(arrays).flatMap(([key, array]) =>
      key.startsWith(`${part}/`) ? [[key.slice(part.length + 1), array] as const] : [],
    );
    plan[part].restore({
      arrays: Object.fromEntries(own),
      values: (values[part] ?? {}) as StateRecord['values'],
    });
  }
}
