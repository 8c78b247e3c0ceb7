/**
 * What a pickle of plain data, tensors and objects becomes here. Nothing of it can be run: a class or function of Python is its name
 * ({@link PickleGlobal}), and what it would have made is a note of that ({@link PickleObject}).
 */

/** A list and a tuple are arrays, a dict is a map, bytes are a Uint8Array. */
export type PickleValue = null | boolean | number | bigint | string | object;

/** What a pickle may refer to, besides plain data. */
export interface PickleHost {
  /** What a global of Python stands for: a {@link PickleFunction} where it is understood. Absent: it becomes its name. */
  global(name: string): object | undefined;
  /** What a persistent id stands for. @throws PickleError saying what is wrong with it. */
  persistent(id: PickleValue): PickleValue;
}

/** A global that is understood: what it makes of plain data and of what came of other calls. */
export class PickleFunction {
  readonly call: (values: readonly PickleValue[]) => PickleValue;

  /** @param call may throw a {@link PickleError} */
  constructor(call: PickleFunction['call']) {
    this.call = call;
  }
}

/** A class or function of Python that is nothing but its name here. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An object of Python that nobody made: which class, of what, and the state and items that it was to be given. */
export class PickleObject {
  /** Name of its class, or of the function that would have made it. */
  readonly type: string;
  readonly values: readonly PickleValue[];
  /** What `BUILD` gave it: usually a map of its attributes. */
  state: PickleValue = null;
  /** Items, where it is a dict of its own kind; absent until the first. */
  items: Map<PickleValue, PickleValue> | undefined;
  /** Elements, where it is a list of its own kind; absent until the first. */
  elements: PickleValue[] | undefined;

  constructor(type: string, values: readonly PickleValue[]) {
    this.type = type;
    this.values = values;
  }

  /** Its items, to add to. */
  ownItems(): Map<PickleValue, PickleValue> {
    this.items ??= new Map();
    return this.items;
  }

  /** Its elements, to add to. */
  ownElements(): PickleValue[] {
    this.elements ??= [];
    return this.elements;
  }

  /** An attribute by name, wherever Python would have put it. */
  attribute(name: string): PickleValue | undefined {
    for (const part of Array.isArray(this.state) ? this.state : [this.state]) {
      if (part instanceof Map && part.has(name)) return part.get(name) as PickleValue;
    }
    return undefined;
  }
}

/** Something that takes a state of its own, as numpy's arrays do. */
export interface Buildable {
  /** @throws PickleError saying what is wrong with the state. */
  build(state: PickleValue): void;
}

export const isBuildable = (value: unknown): value is Buildable =>
  typeof value === 'object' && value !== null && 'build' in value && typeof value.build === 'function';

/** Something of a pickle that is refused. */
export class PickleError extends Error {}
