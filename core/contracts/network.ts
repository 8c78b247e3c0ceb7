/**
 * A network as a backbone describes it: nodes in order of execution, each naming the nodes it reads (`input` is the
 * image). Data only.
 */
export interface NetworkGraph {
  /** `[height, width, channels]` of an image. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly nodes: readonly GraphNode[];
}

/** What is done to every value of a map. Training knows ReLU alone; the others stand in checkpoints of other programs. */
export type Activation = 'none' | 'relu' | 'relu6' | 'silu' | 'hard-swish' | 'gelu';

interface NodeBase {
  readonly name: string;
  readonly input: string;
}

/** Convolution + batch-norm + activation in a plain network; several branches, each with its own batch-norm, in ours. */
export interface BlockNode extends NodeBase {
  readonly kind: 'block';
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly groups: number;
  readonly activation: Activation;
  /** False for convolutions that stay plain whatever the search space (a 1x1 shortcut, say). */
  readonly searchable: boolean;
}

/** Maximum or mean of size x size windows: `[N, H, W, C]` to `[N, ⌊(H + 2·padding − size) / stride⌋ + 1, …, C]`. */
export interface PoolNode extends NodeBase {
  readonly kind: 'max-pool' | 'average-pool';
  readonly size: number;
  readonly stride: number;
  /** Pixels on each side; a maximum ignores them, a mean counts them as zeros. */
  readonly padding: number;
}

/** Mean over height and width: `[N, H, W, C]` to `[N, C]`. */
export interface GlobalPoolNode extends NodeBase {
  readonly kind: 'global-average-pool';
}

/** `[N, H, W, C]` to `[N, H·W·C]`. */
export interface FlattenNode extends NodeBase {
  readonly kind: 'flatten';
}

/** Dropout: zeroes values at random in training and scales the others up; the identity at inference. */
export interface DropoutNode extends NodeBase {
  readonly kind: 'dropout';
  /** Fraction of values zeroed in training. Default: `train.dropout`. */
  readonly rate?: number;
}

/** `[N, inputs]` times weight `[inputs, outputs]`, plus bias, and the activation. */
export interface DenseNode extends NodeBase {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
}

/** Sum of two maps of the same shape. */
export interface AddNode extends NodeBase {
  readonly kind: 'add';
  readonly other: string;
  readonly activation: Activation;
}

/** ResNet's shortcut without parameters: every `stride`-th pixel, new channels filled with zeros, half before and half after. */
export interface SubsampleNode extends NodeBase {
  readonly kind: 'subsample';
  readonly stride: number;
  readonly outChannels: number;
  readonly inChannels: number;
}

/**
 * Squeeze and excitation (Hu et al. 2018): every channel times a gate between 0 and 1, which two dense layers make of the means of all
 * channels. Their numbers are those of `NAME.down` and `NAME.up`.
 */
export interface SqueezeExciteNode extends NodeBase {
  readonly kind: 'squeeze-excite';
  readonly channels: number;
  /** Outputs of the first dense layer, behind which a ReLU stands. */
  readonly inner: number;
  readonly gate: 'sigmoid' | 'hard-sigmoid';
  readonly activation: Activation;
}

/** Anything that a network is built of, told apart by `kind`. */
export type GraphNode =
  | BlockNode
  | PoolNode
  | GlobalPoolNode
  | FlattenNode
  | DropoutNode
  | DenseNode
  | AddNode
  | SubsampleNode
  | SqueezeExciteNode;

/** Role of a parameter; decides its initial value and weight decay. */
export type ParameterRole = 'kernel' | 'gamma' | 'beta' | 'weight' | 'bias';

/** Read access to the parameters of a network and their latest gradients. */
export interface ParameterView {
  readonly names: readonly string[];
  /** Returns a copy, in the layout of the state name (kernels HWIO, dense weights `[inputs, outputs]`). */
  value(name: string): Float32Array;
  /** Returns the gradient of the last step; undefined if that step did not use the parameter. */
  gradient(name: string): Float32Array | undefined;
  /** State name of the scale of a branch, one number per channel: γ of its closing batch-norm, or its own scale. */
  scaleOf(block: string, branch: string): string;
  /** State names of everything that one branch trains. */
  ofBranch(block: string, branch: string): readonly string[];
}
