import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { shapeProblem } from '../config/container/shape.js';
import type { BlockGeometry, BranchOp, BranchWeights, Chosen } from '../contracts/index.js';
import { decodeSafetensors, encodeSafetensors } from '../io/formats/safetensors.js';
import { forward64 } from '../reparam/interpreters/float64.js';
import { addChannels, convolution } from '../reparam/interpreters/loops64.js';
import { branchNetwork, foldErrorAfterStep, imagesFor, tensorOf } from './branch-network.js';
import { checkGradients } from './branch-gradients.js';
import { useCpu } from './cpu.js';
import { type BlockCase, describeCase, geometries, smallGeometries } from './geometries.js';
import { expect, forAll, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';
import { difference64, normal64, randomWeights } from './random64.js';

/** With what the laws of a branch op are tried. */
export interface BranchOpTestOptions {
  /** Options of the op, as a config writes them. @default {} */
  readonly options?: object;
  /** Random blocks that each law is tried on. @default 60 */
  readonly runs?: number;
  /** @default 1 */
  readonly seed?: number;
}

/** Blocks among which one has to be found that can have the branch. */
const SEARCHED = 2000;

/** Both sides in float64: what is left is the order of sums. */
const EXACT = 1e-12;

/** A network computes in float32. */
const TOLERANCE = 1e-4;

/**
 * The laws of a branch op, each to be run as a test: it says what it is; it is the KxK convolution that it folds into, for
 * every kernel size, stride, groups and image size where it exists, under random batch-norm statistics; its gradients are
 * those of finite differences; it costs what it says; it comes back from its saved state.
 */
export function testBranchOp<Options>(op: BranchOp<Options>, given: BranchOpTestOptions = {}): Law[] {
  const { runs = 60, seed = 1 } = given;
  const law = lawOf(`branch op '${op.name}'`);
  const options = parsed(op, given.options);
  const chosen = { definition: op as BranchOp, options } as Chosen<BranchOp>;
  const exists = ({ block }: BlockCase): boolean => op.exists(block, options());
  const overBlocks = (
    cases: fc.Arbitrary<BlockCase>,
    share: number,
    check: (given: BlockCase) => void | Promise<void>,
  ) => {
    expect(fc.sample(cases, { numRuns: SEARCHED, seed }).some(exists), `it exists for none of ${SEARCHED} blocks`);
    return forAll(cases.filter(exists), check, { runs: Math.ceil(runs * share), seed }, describeCase);
  };
  const network = (block: BlockCase) => branchNetwork({ ...chosen, options: options() }, block);
  return [
    law('is what the contract of a branch op says', () => {
      const problem = shapeProblem('branch-op', op);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      options();
    }),
    law('has names that are unique and channels that fit the groups', () =>
      overBlocks(geometries, 2, ({ block }) => checkState(op, block, options())),
    ),
    law('is the one KxK convolution that it folds into', () =>
      overBlocks(geometries, 1, (block) => checkFold(op, options(), block)),
    ),
    law('costs the multiply-adds that it says', () =>
      overBlocks(geometries, 1, ({ block, height, width, seed: numbers }) => {
        const weights = randomWeights(op, block, options(), numbers);
        const images = normal64(numbers)(1, height, width, block.inChannels);
        const { macs } = forward64(op, block, options(), weights, images);
        const said = op.macs(block, options(), { height, width });
        expect(said === macs, `macs() says ${said}; its forward takes ${macs}`);
      }),
    ),
    law('trains by the gradients of finite differences', async () => {
      await useCpu();
      await overBlocks(smallGeometries, 0.25, (block) => {
        const trained = network(block);
        try {
          checkGradients(trained, block.seed);
        } finally {
          trained.dispose();
        }
      });
    }),
    law('is in a network, after a training step, what it folds into', async () => {
      await useCpu();
      await overBlocks(smallGeometries, 0.25, async (block) => {
        const trained = network(block);
        const error = await foldErrorAfterStep(trained, block.seed);
        trained.dispose();
        expect(
          error <= TOLERANCE,
          `the fused network is ${error.toExponential(1)} away, relative to the largest output`,
        );
      });
    }),
    law('computes the same once its state is saved and read again', async () => {
      await useCpu();
      await overBlocks(smallGeometries, 0.1, (block) =>
        checkRoundTrip(network(block), network({ ...block, seed: block.seed + 1 }), block.seed),
      );
    }),
  ];
}

function checkState<Options>(op: BranchOp<Options>, block: BlockGeometry, options: Options): void {
  const kernels = op.kernels(block, options);
  const norms = op.norms?.(block, options) ?? [];
  const names = [...kernels, ...norms].map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  expect(twice === undefined, `two of its kernels and norms are named '${twice}'`);
  expect(!names.includes('norm'), "one of them is named 'norm', as the batch-norm that closes the branch");
  for (const { name, height, width, inputs, outputs, identity = false } of kernels) {
    const whole = [height, width, inputs, outputs].every((size) => Number.isInteger(size) && size > 0);
    expect(whole, `kernel '${name}' is ${height}x${width}x${inputs}x${outputs}; expected whole numbers above 0`);
    expect(outputs % block.groups === 0, `kernel '${name}' has ${outputs} outputs in ${block.groups} groups`);
    expect(!identity || (height === 1 && width === 1), `kernel '${name}' adds the identity, which only a 1x1 one can`);
  }
  for (const { name, channels } of norms) {
    expect(Number.isInteger(channels) && channels > 0, `norm '${name}' has ${channels} channels`);
  }
}

function checkFold<Options>(op: BranchOp<Options>, options: Options, { block, height, width, seed }: BlockCase): void {
  const weights: BranchWeights = randomWeights(op, block, options, seed);
  const x = normal64(seed + 1)(2, height, width, block.inChannels);
  const { output } = forward64(op, block, options, weights, x);
  const { kernel, bias } = op.fold(weights, block, options);
  const { kernelSize: k, inChannels, outChannels, groups, stride } = block;
  const shape = [k, k, inChannels / groups, outChannels].join('x');
  expect(kernel.shape.join('x') === shape, `it folds into a kernel of ${kernel.shape.join('x')}; expected ${shape}`);
  expect(bias.length === outChannels, `it folds into ${bias.length} biases; expected ${outChannels}`);
  const padding = [k >> 1, k >> 1] as const;
  const folded = addChannels(convolution(x, kernel, { stride, padding, groups }), bias);
  const shapes = [output, folded].map((array) => array.shape.join('x'));
  expect(shapes[0] === shapes[1], `its output is ${shapes[0]}; that of a convolution is ${shapes[1]}`);
  const error = difference64(output.data, folded.data);
  expect(error <= EXACT, `what it computes and what it folds into are ${error.toExponential(1)} apart`);
}

function checkRoundTrip(network: ReturnType<typeof branchNetwork>, other: typeof network, seed: number): void {
  const { store } = network;
  const tensors = new Map(
    store.names().map((name) => [name, { shape: store.get(name).shape, values: store.read(name) }]),
  );
  const saved = decodeSafetensors(encodeSafetensors(tensors), 'state');
  const names = other.store.names();
  for (const name of names) other.store.write(name, saved.tensors.get(name)?.values as Float32Array);
  const batch = imagesFor(network, seed);
  const [first, second] = [network, other].map((one) => tf.tidy(() => one.infer(tensorOf(one, batch)).dataSync()));
  const at = first?.findIndex((value, index) => !Object.is(value, second?.[index])) ?? 0;
  const [before, after] = [first?.[at], second?.[at]];
  network.dispose();
  other.dispose();
  expect(at === -1, `value ${at} of its output was ${before} and is ${after}`);
}
