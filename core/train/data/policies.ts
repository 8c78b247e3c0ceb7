import type { RandomStream } from '../../contracts/random.js';
import type { ImageShape } from './image-operations.js';
import * as operations from './image-operations.js';

// Augmentation policies: which operations an image goes through, and how strongly. Spaces and strengths are those of torchvision, which
// follow the papers.

/** The config's `augment.policy`. */
export type Policy =
  | { readonly name: 'trivial-augment' }
  | { readonly name: 'rand-augment'; readonly count: number; readonly magnitude: number };

type Operation = operations.ImageOperation;

/** Makes an operation of a strength from 0 to 1 and a sign, for an image of a shape. */
type Strength = (strength: number, sign: 1 | -1, shape: ImageShape) => Operation | undefined;

interface Reach {
  readonly shear: number;
  /** Pixels, or part of the image's side. */
  readonly translate: (side: number) => number;
  readonly degrees: number;
  readonly enhance: number;
  /** Bits that the strongest posterise takes. */
  readonly bits: number;
}

/** Strengths are bins from 0 to this one. */
const BINS = 30;

const spaceOf = ({ shear, translate, degrees, enhance, bits }: Reach): readonly Strength[] => [
  () => undefined,
  (strength, sign) => operations.shearX(sign * shear * strength),
  (strength, sign) => operations.shearY(sign * shear * strength),
  (strength, sign, [, width]) => operations.translateX(sign * translate(width) * strength),
  (strength, sign, [height]) => operations.translateY(sign * translate(height) * strength),
  (strength, sign) => operations.rotate(sign * degrees * strength),
  (strength, sign) => operations.brightness(1 + sign * enhance * strength),
  (strength, sign) => operations.colour(1 + sign * enhance * strength),
  (strength, sign) => operations.contrast(1 + sign * enhance * strength),
  (strength, sign) => operations.sharpness(1 + sign * enhance * strength),
  (strength) => operations.posterise(8 - Math.round(bits * strength)),
  (strength) => operations.solarise(255 * (1 - strength)),
  () => operations.autoContrast,
  () => operations.equalise,
];

/** TrivialAugment, wide (Müller and Hutter 2021, table 1). */
const WIDE = spaceOf({ shear: 0.99, translate: () => 32, degrees: 135, enhance: 0.99, bits: 6 });

/** RandAugment (Cubuk et al. 2020), with the space of torchvision. */
const RAND = spaceOf({ shear: 0.3, translate: (side) => (150 / 331) * side, degrees: 30, enhance: 0.9, bits: 4 });

/** Draws the operations of one image, and applies them to its bytes in place. */
export function applyPolicy(policy: Policy, pixels: Uint8Array, shape: ImageShape, random: RandomStream): void {
  if (policy.name === 'trivial-augment') {
    draw(WIDE, random.integer(BINS + 1) / BINS, shape, random)?.(pixels, shape);
    return;
  }
  for (let index = 0; index < policy.count; index++)
    draw(RAND, policy.magnitude / BINS, shape, random)?.(pixels, shape);
}

function draw(
  space: readonly Strength[],
  strength: number,
  shape: ImageShape,
  random: RandomStream,
): Operation | undefined {
  const operation = space[random.integer(space.length)] as Strength;
  return operation(strength, random.integer(2) === 1 ? 1 : -1, shape);
}
