/**
 * The compute kernels that TensorFlow.js lacks: registered names, inputs, outputs and attributes. Each has a composed
 * form in `composed/`, registered for every engine; an engine may replace it by a faster one. Images are NHWC,
 * convolution kernels HWIO (inputs of one group), everything float32 unless noted.
 */
export const KERNELS = {
  convolution: 'RepnasConvolution',
  convolutionInputGradient: 'RepnasConvolutionInputGradient',
  convolutionKernelGradient: 'RepnasConvolutionKernelGradient',
  averagePool: 'RepnasAveragePool',
  averagePoolGradient: 'RepnasAveragePoolGradient',
  maxPool: 'RepnasMaxPool',
  maxPoolGradient: 'RepnasMaxPoolGradient',
  branchNorm: 'RepnasBranchNorm',
  branchNormGradient: 'RepnasBranchNormGradient',
  scaleNorm: 'RepnasScaleNorm',
  scaleNormGradient: 'RepnasScaleNormGradient',
  patchMoments: 'RepnasPatchMoments',
  patchMomentsGradient: 'RepnasPatchMomentsGradient',
  kernelNorm: 'RepnasKernelNorm',
  kernelNormGradient: 'RepnasKernelNormGradient',
  mergedKernel: 'RepnasMergedKernel',
  mergedKernelGradient: 'RepnasMergedKernelGradient',
  tapProduct: 'RepnasTapProduct',
  tapProductGradient: 'RepnasTapProductGradient',
  squeezedKernel: 'RepnasSqueezedKernel',
  squeezedKernelGradient: 'RepnasSqueezedKernelGradient',
  reluGradient: 'RepnasReluGradient',
  affineSum: 'RepnasAffineSum',
  biasedConvolution: 'RepnasBiasedConvolution',
  biasActivationGradient: 'RepnasBiasActivationGradient',
  runningStatistics: 'RepnasRunningStatistics',
  normConstant: 'RepnasNormConstant',
  constantConvolution: 'RepnasConstantConvolution',
  crossEntropy: 'RepnasCrossEntropy',
  crossEntropyGradient: 'RepnasCrossEntropyGradient',
  accumulate: 'RepnasAccumulate',
  momentumStep: 'RepnasMomentumStep',
  momentumSteps: 'RepnasMomentumSteps',
  squaredNorm: 'RepnasSquaredNorm',
} as const;

/** Registered name of a compute kernel. */
export type KernelName = (typeof KERNELS)[keyof typeof KERNELS];

/**
 * `RepnasConvolution`: inputs x `[N,H,W,C]`, kernel `[KH,KW,C/groups,O]`; output `[N,H',W',O]` with
 * H' = ⌊(H + 2·padding − (KH − 1)·dilation − 1) / stride⌋ + 1. Cross-correlation, as everywhere in the field.
 */
export interface ConvolutionAttributes {
  readonly stride: number;
  /** Zeros on each side: top = bottom, left = right. */
  readonly padding: readonly [height: number, width: number];
  readonly groups: number;
  /** Pixels from one tap of the kernel to the next. Default: 1, 1. */
  readonly dilation?: readonly [height: number, width: number];
}

/** `RepnasConvolutionInputGradient`: inputs dy, kernel; output dx of `inputShape`. */
export interface ConvolutionInputGradientAttributes extends ConvolutionAttributes {
  readonly inputShape: readonly [number, number, number, number];
}

/** `RepnasConvolutionKernelGradient`: inputs x, dy; output of `kernelShape`. */
export interface ConvolutionKernelGradientAttributes extends ConvolutionAttributes {
  readonly kernelShape: readonly [number, number, number, number];
}

/**
 * `RepnasAveragePool`: input x; mean over size x size, the zero border counted in the divisor.
 * `RepnasAveragePoolGradient`: input dy; attribute inputShape too; output dx.
 * `RepnasMaxPool`: input x; the border never wins; of equal values the first in row order wins.
 * `RepnasMaxPoolGradient`: inputs x, y, dy; output dx.
 */
export interface PoolAttributes {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

export interface AveragePoolGradientAttributes extends PoolAttributes {
  readonly inputShape: readonly [number, number, number, number];
}

/**
 * `RepnasBranchNorm`: the sum of B branches, each through its own training batch-norm and gate, and the activation:
 * y = act(Σ_b z_b · (γ_b · (u_b − μ_b) / √(v_b + ε) + β_b)), μ_b and v_b the mean and biased variance of u_b over N, H, W.
 * Inputs, as an array: u_0 … u_{B−1} `[N,H,W,C]`, γ_0 … γ_{B−1} `[C]`, β_0 … β_{B−1} `[C]`, z `[B]`. Several u may be one tensor.
 * Outputs: y `[N,H,W,C]`, then B moments `[2,C]`: row 0 μ_b, row 1 v_b. No gradient flows into the moments.
 *
 * `RepnasBranchNormGradient`: inputs, as an array: dy, y, u_0 …, γ_0 …, β_0 …, z, moments_0 …;
 * outputs: du_0 …, dγ_0 …, dβ_0 …, dz `[B]`.
 */
export interface BranchNormAttributes {
  readonly branches: number;
  readonly epsilon: number;
  readonly relu: boolean;
}

/**
 * `RepnasScaleNorm`: the part of a training batch-norm that depends on the position: y = u · γ / √(v + ε), v the biased
 * variance of u over N, H, W. Inputs u `[N,H,W,C]`, gamma `[C]`; outputs y, moments `[2,C]` (mean, variance; no gradient).
 * `RepnasScaleNormGradient`: inputs dy, u, gamma, moments; outputs du, dgamma.
 */
export interface ScaleNormAttributes {
  readonly epsilon: number;
}

/**
 * `RepnasPatchMoments`: sums over an image and along its border, from which the moments of its KxK patches, zeros beyond the
 * border, can be put together; K 1 or 3. Input x `[N,H,W,C]`; output `[B·C + F, C]`: B matrices, one below the other, and F
 * rows, all divided by N·H·W. With A_δ[i,j] = Σ x_i(p + δ)·x_j(p) over all p for which both pixels are in the image, the
 * matrices are, for K = 3: A_δ for δ in (−2…2)² in row order (25), A_(0,δ) within the last row and within the first one
 * (5 each), A_(δ,0) within the last column and the first (5 each), and A_0 of the corner pixels (last row, last column),
 * (last, first), (first, last), (first, first): B = 49. The rows are the sums of all pixels, of the last row, first row, last
 * column, first column, and of the four corners: F = 9. For K = 1 only A_0 and the sum of all pixels.
 *
 * `RepnasPatchMomentsGradient`: inputs x, dmoments; output dx. dmoments must be as that of a quadratic form is: what it
 * holds for −δ is the transpose of what it holds for δ.
 */
export interface PatchMomentsAttributes {
  readonly size: 1 | 3;
}

/** How the moments of the patches under one kernel are assembled from the parts of a moments tensor `[M·C + F, C]`. */
export interface MomentWindow {
  /** Taps n of the kernel `[n·C, O]`. */
  readonly taps: number;
  /** `[n·n, M]`: with the M matrices gives E[x_j(t')·x_i(t)], over t, t', j, i. */
  readonly second: Float32Array;
  /** `[n, F]`: with the F rows gives E[x_i(t)]. */
  readonly first: Float32Array;
}

// A kernel `[n·C, O]`, a row for each tap and input channel, may also come as `[KH,KW,C,O]`: the same values in the same order. Its
// gradient is of the shape that it came in.

/**
 * `RepnasKernelNorm`: what a training batch-norm does to the kernel W of the map that it normalises, from the moments of the
 * patches which that kernel sees: μ = Wᵀm, v = diag(WᵀSW) − μ², not below 0. Inputs moments `[M·C + F, C]` (M matrices, one
 * below the other, and F rows), kernel W `[n·C, O]`, gamma `[O]`; outputs W·γ/√(v + ε) of W's shape, the map's moments `[2, O]` (mean,
 * variance), and the product SW `[n·C, O]`, kept for the backward pass. A gradient flows into the first output only.
 * `RepnasKernelNormGradient`: inputs dy, moments, kernel, gamma, statistics, product; outputs dmoments, dkernel, dgamma.
 */
export interface KernelNormAttributes {
  readonly window: MomentWindow;
  readonly epsilon: number;
}

/**
 * `RepnasMergedKernel`: the one convolution that B branches with their batch-norms and gates are on a batch. With μ_b and v_b as
 * above and a_b = z_b γ_b/√(v_b + ε): the kernel Σ a_b W_b and the shift Σ (z_b β_b − a_b μ_b). Inputs, as an array: moments, gates
 * z `[B]`, W_0 … W_{B−1} `[n_b·C, O]`, γ_0 … `[O]`, β_0 … `[O]`. Outputs: the kernel `[K,K,C,O]`, the shift `[O]`, then B moments `[2, O]`
 * and B products S W_b `[n_b·C, O]`, for the backward pass; a gradient flows into the first two only.
 * `RepnasMergedKernelGradient`: inputs, as an array: dkernel, dshift, the inputs, the B moments, the B products;
 * outputs: dmoments, dz, dW_0 …, dγ_0 …, dβ_0 ….
 */
export interface MergedKernelAttributes {
  readonly size: number;
  readonly epsilon: number;
  readonly windows: readonly MomentWindow[];
  /** For each branch and each of its taps: the taps of KxK that hold it, in equal parts. */
  readonly places: readonly (readonly (readonly number[])[])[];
}

/**
 * `RepnasTapProduct`: a pointwise kernel followed by one with n taps as one kernel, tap by tap a product: inputs first `[C, T]`, second
 * `[n·T, O]`, output `[n·C, O]`. `RepnasTapProductGradient`: inputs dy, first, second; outputs dfirst, dsecond.
 */
export type TapProductAttributes = Record<string, never>;

/**
 * `RepnasSqueezedKernel`: Σ_b s_b W_b, each tap of a branch where it lies in KxK. Inputs, as an array: W_0 … W_{B−1} `[n_b·C, O]`, s_0 …
 * `[O]`; output `[K,K,C,O]`. `RepnasSqueezedKernelGradient`: inputs, as an array: dy, the inputs; outputs: dW_0 …, ds_0 ….
 */
export interface SqueezedKernelAttributes {
  readonly size: number;
  /** For each branch and each of its taps: the taps of KxK that hold it, in equal parts. */
  readonly places: readonly (readonly (readonly number[])[])[];
}

/** `RepnasReluGradient`: inputs y (what a ReLU gave) and dy, of one shape; output dy where y > 0, else 0. No attributes. */
export type ReluGradientAttributes = Record<string, never>;

/**
 * `RepnasAffineSum` (inference, no gradient): y = act(Σ_b a_b · u_b + c). Inputs, as an array: u_0 … u_{B−1} `[N,H,W,C]`,
 * a_0 … a_{B−1} `[C]`, c `[C]`.
 */
export interface AffineSumAttributes {
  readonly branches: number;
  readonly relu: boolean;
}

/** `RepnasBiasedConvolution`: inputs x, kernel, bias `[O]`; act(x * kernel + bias). */
export interface BiasedConvolutionAttributes extends ConvolutionAttributes {
  readonly relu: boolean;
}

/**
 * `RepnasBiasActivationGradient`: gradients of y = act(u + bias) by u and bias. Inputs dy `[N,H,W,C]`, and y if `relu`;
 * outputs du, dbias `[C]`.
 */
export interface BiasActivationAttributes {
  readonly relu: boolean;
}

/**
 * `RepnasRunningStatistics` (no gradient): the running statistics of P batch-norms after one more batch. Inputs, as an array: P
 * running `[2,C]` (mean, variance), P moments `[2,C]` (mean and biased variance of the batch), and for each norm in `shifted` a
 * constant `[C]`, which is added to the batch's mean. Outputs: P new running statistics, (1 − momentum) · running + momentum · batch,
 * the batch's variance unbiased: times count/(count − 1); or none where the kernel has written all of them over the running ones.
 */
export interface RunningStatisticsAttributes {
  readonly momentum: number;
  /** For each norm, the number of values behind its moments. */
  readonly counts: readonly number[];
  /** Indices of the norms that have a constant. */
  readonly shifted: readonly number[];
}

/**
 * `RepnasNormConstant` (no gradient): β − μγ/√(v + ε), the answer of a batch-norm to zero. Inputs gamma, beta `[C]`,
 * moments `[2, C]` (mean, variance).
 */
export interface NormConstantAttributes {
  readonly epsilon: number;
}

/**
 * `RepnasConstantConvolution` (no gradient): convolves a map that holds one value per channel everywhere, beyond the
 * border too. Inputs constant `[C]`, kernel `[KH,KW,C/groups,O]`; output `[O]`: the sum over the kernel's window.
 */
export interface ConstantConvolutionAttributes {
  readonly groups: number;
}

/**
 * `RepnasCrossEntropy`: inputs logits `[N,K]`, target `[N,K]` (probabilities: one-hot, smoothed or mixed); outputs the mean
 * loss (scalar) and softmax(logits) `[N,K]` (no gradient through it).
 * `RepnasCrossEntropyGradient`: inputs dy (scalar), probabilities, target; output dlogits = dy · (p − t) / N.
 */
export type CrossEntropyAttributes = Record<string, never>;

/**
 * `RepnasAccumulate` (no gradient): inputs a, b of one shape; output, as an array, a + b, or nothing if the kernel
 * wrote it over a.
 */
export type AccumulateAttributes = Record<string, never>;

/**
 * `RepnasMomentumStep`: inputs parameter, gradient, velocity (same shape), scale (scalar, from clipping); outputs the new
 * parameter and velocity. g = scale · gradient + weightDecay · parameter; velocity' = momentum · velocity + g;
 * parameter' = parameter − learningRate · (nesterov ? g + momentum · velocity' : velocity'). As torch.optim.SGD.
 */
export interface MomentumStepAttributes {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/**
 * `RepnasMomentumSteps`: the same for many parameters at once. Inputs, as an array: scale, then P parameters, their P gradients
 * and their P velocities; outputs: the P new parameters, then the P new velocities, or none where the kernel has written all of
 * them over the inputs that they take the place of.
 */
export interface MomentumStepsAttributes extends Omit<MomentumStepAttributes, 'weightDecay'> {
  /** One per parameter. */
  readonly weightDecays: readonly number[];
}

/** `RepnasSquaredNorm`: inputs, as an array, any tensors; output the sum of their squares (scalar). */
export type SquaredNormAttributes = Record<string, never>;
