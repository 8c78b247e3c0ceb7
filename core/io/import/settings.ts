import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { Activation } from '../../contracts/network.js';
import type { FactsByName, ModuleFacts } from '../formats/module-facts.js';
import { BasisNotes } from './basis.js';
import type { ImportOptions } from './options.js';
import type { BlockPlan } from './recognise.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * What tensors do not say of a network: ε, strides, dilation, padding, activation. Taken from the modules where the file holds them,
 * else from who asked for the import, else from what the family's own code has; and noted, each with where it came from.
 */

/** PyTorch's own, of `BatchNorm2d`. */
const EPSILON = 1e-5;

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  ReLU: 'relu',
  ReLU6: 'relu6',
  SiLU: 'silu',
  Swish: 'silu',
  SiLUInplace: 'silu',
  Hardswish: 'hard-swish',
  HSwish: 'hard-swish',
  GELU: 'gelu',
  Identity: 'none',
};

/** Where half of the weights would change by this much, an assumption is a guess. */
const DECISIVE = 0.3;

const otherEpsilon = (epsilon: number): number => (epsilon < 1e-4 ? 1e-3 : 1e-5);

/** Classes of activations that are known, and not written here. */
const OTHER_ACTIVATION =
  /^(?:PReLU|LeakyReLU|RReLU|ELU|CELU|SELU|Mish|Softplus|Softsign|Tanh|Sigmoid|Hardsigmoid|Hardtanh|GLU|FReLU|\w*Act\w*)$/;

/** What an option or a module says of a block; undefined where nothing does. */
export interface KnownOfBlock {
  readonly stride?: number;
  readonly dilation?: number;
  readonly activation?: Activation;
}

type Told = Pick<ImportOptions, 'epsilon' | 'strides' | 'dilation' | 'activation'>;

export class Settings {
  readonly basis = new BasisNotes();
  readonly #facts: FactsByName;
  readonly #told: Told;
  /** Batch-norms whose ε was assumed, and of whose code nothing is known that would have another. */
  readonly #guessed = new Set<string>();
  /** By how much each channel's weights would change with the other usual ε. */
  readonly #changes: number[] = [];

  /** @param facts of modules by name; @param known what is known of ε whatever the file says, as of our own files */
  constructor(facts: FactsByName | undefined, told: Told = {}) {
    this.#facts = facts ?? new Map();
    this.#told = told;
  }

  /** Whether the file holds the modules, and not only their tensors. */
  get hasModules(): boolean {
    return this.#facts.size > 0;
  }

  epsilon(norm: string, family: CheckpointFamily): number {
    const read = this.#facts.get(norm)?.epsilon;
    const told = this.#told.epsilon;
    if (read !== undefined) {
      if (told !== undefined && told !== read)
        throw new CheckpointError(
          `batch-norm '${norm}' says that its epsilon is ${read}; expected no other (--epsilon ${told})`,
        );
      this.basis.note('read', `batch-norm epsilon ${read}`);
      return read;
    }
    if (told !== undefined) {
      this.basis.note('told', `batch-norm epsilon ${told}`);
      return told;
    }
    // Our own training form is read by what this package writes.
    if (family.name === 'ours') {
      this.basis.note('read', `batch-norm epsilon ${EPSILON}, as this package writes`);
      return EPSILON;
    }
    const { epsilon = EPSILON, summary } = family;
    if (family.epsilon === undefined) this.#guessed.add(norm);
    const why = family.epsilon === undefined ? "PyTorch's default" : `as in the code of ${summary}`;
    this.basis.note('assumed', `batch-norm epsilon ${epsilon}, ${why}`);
    return epsilon;
  }

  /** Notes the variances that an ε which is but assumed is added to. */
  weigh(norm: string, variance: Float64Array, epsilon: number): void {
    if (!this.#guessed.has(norm)) return;
    const other = otherEpsilon(epsilon);
    for (const value of variance) this.#changes.push(Math.abs(Math.sqrt((value + epsilon) / (value + other)) - 1));
  }

  /**
   * Says how much depends on an assumed ε, and refuses where it is nearly everything.
   *
   * @param decided whether the answers of the network itself will show what is right
   * @throws Error saying what would change, and which option says ε
   */
  refuseUncertainEpsilon(decided = false): void {
    const changes = this.#changes.sort((a, b) => a - b);
    const median = changes[changes.length >> 1];
    if (median === undefined) return;
    const percent = `${(100 * median).toPrecision(2)} %`;
    const effect = `with the other usual epsilon (1e-3 for 1e-5, or 1e-5 for 1e-3) half of the channels' weights would change by more than ${percent}`;
    if (median > DECISIVE && !decided)
      throw new CheckpointError(
        `the file does not say the batch-norms' epsilon, and the variances are so small that it decides what the network computes: ${effect}; say which (--epsilon 1e-5 as PyTorch's default, --epsilon 1e-3 as TensorFlow's and YOLO's), or give the network's own answers (--expect)`,
      );
    this.basis.once('assumed', effect);
  }

  /** What is known of a block. @throws Error naming the module that cannot be folded or written */
  block(plan: BlockPlan, shapes: ReadonlyMap<string, readonly number[]>): KnownOfBlock {
    const modules = this.#modulesOf(plan);
    const stride = this.#stride(plan, modules) ?? named(this.#told.strides, plan.name);
    const dilation = dilationOf(plan, modules) ?? named(this.#told.dilation, plan.name);
    const activation = this.#activation(plan) ?? this.#told.activation;
    for (const [layer, facts] of modules) refusePadding(layer, facts);
    for (const layer of lone(plan))
      refuseOtherPadding(layer, this.#facts.get(layer), shapes.get(`${layer}.weight`) ?? []);
    return {
      ...(stride !== undefined && { stride }),
      ...(dilation !== undefined && { dilation }),
      ...(activation !== undefined && { activation }),
    };
  }

  /** The convolutions of a block's branches that have modules, with what those say. */
  #modulesOf({ branches }: BlockPlan): readonly (readonly [string, ModuleFacts])[] {
    return branches.flatMap(({ layers }) =>
      layers.flatMap((layer): (readonly [string, ModuleFacts])[] => {
        if (layer === 'average' || !('convolution' in layer)) return [];
        const facts = this.#facts.get(layer.convolution);
        return facts?.stride ? [[layer.convolution, facts]] : [];
      }),
    );
  }

  #stride({ name, branches }: BlockPlan, modules: readonly (readonly [string, ModuleFacts])[]): number | undefined {
    if (modules.length === 0) return undefined;
    const known = new Map(modules);
    const strides = branches.flatMap(({ layers }) => {
      const own = layers.flatMap((layer) =>
        layer !== 'average' && 'convolution' in layer ? (known.get(layer.convolution)?.stride ?? []) : [],
      );
      // The mean over windows has a module of its own, whose stride the other branches tell.
      return layers.includes('average') || own.length === 0 ? [] : [own.reduce((a, b) => a * b, 1) ** 0.5];
    });
    const [stride, ...others] = strides;
    if (stride === undefined) return undefined;
    if (!Number.isInteger(stride) || others.some((other) => other !== stride))
      throw new CheckpointError(`block '${name}' has branches of different strides: ${strides.join(', ')}`);
    const told = named(this.#told.strides, name);
    if (told !== undefined && told !== stride)
      throw new CheckpointError(
        `block '${name}' says that its stride is ${stride}; expected no other (--strides ${name}=${told})`,
      );
    this.basis.note('read', `stride ${stride}`);
    return stride;
  }

  /** Of the modules that stand in the block itself, the one that is an activation. */
  #activation({ name, branches }: BlockPlan): Activation | undefined {
    if (!this.hasModules) return undefined;
    const prefix = name === '' ? '' : `${name}.`;
    const stems = new Set(branches.map(({ source }) => source.split('.')[0]));
    for (const [module, { type, slope }] of this.#facts) {
      const own = module.startsWith(prefix) ? module.slice(prefix.length) : '';
      if (own === '' || own.includes('.') || stems.has(own)) continue;
      const activation = ACTIVATIONS[type];
      if (activation !== undefined && activation !== 'none') {
        this.basis.note('read', `activation ${type}`);
        return activation;
      }
      if (OTHER_ACTIVATION.test(type))
        throw new CheckpointError(
          `module '${module}' is ${type}${slope === undefined ? '' : ` of slope ${slope}`}, an activation that is not written here; expected ${Object.keys(ACTIVATIONS).join(', ')}`,
        );
    }
    const nonlinearity = [...this.#facts].find(
      ([module]) =>
        /^(?:nonlinearity|nonlinear|act|activation)$/.test(module.slice(prefix.length)) && module.startsWith(prefix),
    );
    if (nonlinearity?.[1].type !== 'Identity') return undefined;
    this.basis.note('read', 'no activation');
    return 'none';
  }
}

/** A value for a block by its name; lists are by stage, and for the network to take. */
function named(values: ImportOptions['strides'], name: string): number | undefined {
  return values && !Array.isArray(values) ? (values as Readonly<Record<string, number>>)[name] : undefined;
}

/** Pixels between taps, where all kernels of the block agree; kernels of one tap have none. */
function dilationOf(
  { name, branches }: BlockPlan,
  modules: readonly (readonly [string, ModuleFacts])[],
): number | undefined {
  const ownDilation = branches.some(({ layers }) =>
    layers.some((layer) => layer !== 'average' && 'convolution' in layer && layer.dilation !== undefined),
  );
  if (ownDilation) return undefined;
  const found = modules.flatMap(([, { dilation, padding }]) =>
    dilation && Array.isArray(padding) && padding[0] > 0 ? [dilation] : [],
  );
  const [first, ...others] = found;
  if (first === undefined) return undefined;
  const [height, width] = first;
  if (height !== width || others.some((other) => other.join() !== first.join()))
    throw new CheckpointError(`block '${name}' has kernels of different dilations`);
  return height;
}

/** Convolutions that are a branch by themselves; those behind another get their border before it. */
const lone = ({ branches }: BlockPlan): string[] =>
  branches.flatMap(({ layers }) => {
    const own = layers.flatMap((layer) => (layer !== 'average' && 'convolution' in layer ? [layer.convolution] : []));
    return own.length === 1 ? own : [];
  });

/** @throws Error naming a convolution that pads by more or less than half of its kernel */
function refuseOtherPadding(layer: string, facts: ModuleFacts | undefined, shape: readonly number[]): void {
  const { padding, dilation = [1, 1] } = facts ?? {};
  if (!Array.isArray(padding)) return;
  const expected = [0, 1].map((axis) => (dilation[axis] as number) * ((shape[axis + 2] ?? 1) >> 1));
  if (padding.join() !== expected.join())
    throw new CheckpointError(
      `module '${layer}' pads its images by ${padding.join(' and ')} pixels; only half of the kernel is written here, ${expected.join(' and ')}`,
    );
}

function refusePadding(layer: string, { paddingMode = 'zeros', padding }: ModuleFacts): void {
  if (paddingMode !== 'zeros')
    throw new CheckpointError(`module '${layer}' pads its images by '${paddingMode}'; only zeros are written here`);
  if (typeof padding === 'string' && padding !== 'same' && padding !== 'valid')
    throw new CheckpointError(`module '${layer}' pads its images by '${padding}'`);
}
