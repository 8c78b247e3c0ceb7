/** What a file says of one module of a network beside its tensors: a whole module that was saved says it, and the code of TorchScript. */
export interface ModuleFacts {
  /** Name of its class without the module that holds it, as `Conv2d`. */
  readonly type: string;
  /** Of a batch-norm. */
  readonly epsilon?: number;
  /** Of a convolution or pool, height by width. */
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number] | string;
  readonly dilation?: readonly [number, number];
  /** `zeros`, `reflect` … */
  readonly paddingMode?: string;
  /** Of an activation that has one. */
  readonly slope?: number;
}

/** A module by its place in the network. */
export type FactsByName = ReadonlyMap<string, ModuleFacts>;
