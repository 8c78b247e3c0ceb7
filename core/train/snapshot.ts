/** The state of a training as arrays and JSON: what a checkpoint holds of it, and how a training takes it up again. */
import type { Architecture } from '../contracts/search-space.js';
import type { State, StateRecord } from '../contracts/state.js';
import type { Supernet } from '../reparam/network/supernet.js';
import { notFinite } from './not-finite.js';
import type { Cursor } from './schedule.js';

/** The parts of a training that keep a state of their own. */
const STATEFUL = ['optimizer', 'strategy', 'importance', 'average'] as const;

/** The parts of a training that change. */
export type Stateful = { readonly supernet: Supernet } & { readonly [Part in (typeof STATEFUL)[number]]: State };

const WEIGHTS = 'weights/';

/**
 * Copies everything that decides how a training goes on: weights, the parts' state, the position, and the architecture if one is
 * decided.
 */
export function takeSnapshot(training: Stateful, cursor: Cursor, frozen: boolean): StateRecord {
  const { store, blocks } = training.supernet;
  const parts = STATEFUL.map((part) => [part, training[part].save()] as const);
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

/** Describes the first weight or running statistic of a snapshot that is not finite, or returns undefined. */
export const divergedWeight = ({ arrays }: StateRecord): string | undefined =>
  notFinite(
    Object.entries(arrays).flatMap(([name, values]) =>
      name.startsWith(WEIGHTS) ? [[`parameter ${name.slice(WEIGHTS.length)}`, values as Float32Array] as const] : [],
    ),
  );

/** Returns where the training stood, and the architecture that it had decided on. */
export function placeOf({ values }: StateRecord): { cursor: Cursor; frozen: boolean; architecture: Architecture } {
  const { cursor, frozen, architecture } = values as unknown as ReturnType<typeof placeOf>;
  return { cursor: structuredClone(cursor), frozen, architecture };
}

/**
 * Restores weights and the parts' state; the supernet has the snapshot's branches. @throws Error if the snapshot is of another
 * network.
 */
export function restoreSnapshot(training: Stateful, { arrays, values }: StateRecord): void {
  const { store } = training.supernet;
  for (const name of store.names()) {
    const saved = arrays[`${WEIGHTS}${name}`];
    if (!saved) throw new Error(`the checkpoint holds no values for ${name}; it is of another network`);
    store.write(name, saved as Float32Array);
  }
  for (const part of STATEFUL) {
    const ofPart = Object.entries(arrays).flatMap(([key, array]) =>
      key.startsWith(`${part}/`) ? [[key.slice(part.length + 1), array] as const] : [],
    );
    training[part].restore({
      arrays: Object.fromEntries(ofPart),
      values: (values[part] ?? {}) as StateRecord['values'],
    });
  }
}
