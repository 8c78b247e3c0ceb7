import type { TensorSource } from './tensor-source.js';
import { type DenseLayer, denseLayer } from './dense-layer.js';
import { CheckpointError } from './checkpoint-error.js';

/** Squeeze and excitation within a block: what its two layers are, and which tensors they take. */
export interface Gate {
  readonly down: DenseLayer;
  readonly up: DenseLayer;
}

/** What the two layers are called: RepVGG's own code, MobileOne's, timm's, OpenMMLab's. */
const NAMES: readonly (readonly [down: string, up: string])[] = [
  ['se.down', 'se.up'],
  ['se.reduce', 'se.expand'],
  ['se.fc1', 'se.fc2'],
  ['attn.fc1', 'attn.fc2'],
  ['se_layer.conv1.conv', 'se_layer.conv2.conv'],
];

/** The gate of a block of so many channels; undefined where it has none. @throws Error when its tensors do not fit */
export function gateOf(block: string, channels: number, { shapes }: Pick<TensorSource, 'shapes'>): Gate | undefined {
  const prefix = block === '' ? '' : `${block}.`;
  const found = NAMES.find(([down]) => shapes.has(`${prefix}${down}.weight`));
  if (!found) return undefined;
  const [down, up] = found.map((name) => denseLayer(shapes, prefix + name)) as [DenseLayer, DenseLayer];
  if (down.features !== channels || up.outputs !== channels || up.features !== down.outputs)
    throw new CheckpointError(
      `'${down.name}' reads ${down.features} channels and gives ${down.outputs}, '${up.name}' reads ${up.features} and gives ${up.outputs}; expected a gate of ${channels} channels`,
    );
  return { down, up };
}

/** Names of the tensors of a dense layer. */
export const tensorsOfLayer = ({ name }: DenseLayer): readonly string[] => [`${name}.weight`, `${name}.bias`];
