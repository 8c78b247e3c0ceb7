import type { FusedNetwork, TrainedBlock, TrainedNetwork, TrainedNorm } from '../../core/contracts/index.js';
import { outputsFirst } from '../../core/io/formats/kernel-layout.js';
import type { LazyTensor } from '../../core/io/formats/safetensors.js';
import { channelsFirst } from './channels-first.js';
import type { NetworkNames } from './pytorch-names.js';
import { trainingNames } from './training-names.js';

type Named = readonly [name: string, tensor: LazyTensor];

/** The branches of every block, RepVGG's by timm's names if wanted, and the dense layers, in PyTorch's layout. */
export function trainingForm(
  network: FusedNetwork,
  trained: TrainedNetwork,
  names: NetworkNames,
  asTimm: boolean,
): ReadonlyMap<string, LazyTensor> {
  const blocks = [...trained].flatMap(([node, given]) => tensorsOf(names.node(node), given, asTimm));
  const layers = [...channelsFirst(network).dense].flatMap(([node, { shape, weight, bias }]): Named[] => [
    [`${names.node(node)}.weight`, { dtype: 'F32', shape, values: weight }],
    vector(`${names.node(node)}.bias`, bias),
  ]);
  return new Map([...blocks, ...layers]);
}

function tensorsOf(block: string, trained: TrainedBlock, asTimm: boolean): Named[] {
  const nameOf = trainingNames(trained, asTimm);
  const branches = trained.branches.flatMap(({ op, kernels, norms, scale }) => [
    ...[...kernels].map(([ours, { shape, values, identity }]): Named => {
      const [height, width, inputs, outputs] = shape;
      const laidOut = (): Float32Array => {
        const result = new Float32Array(values.length);
        outputsFirst(values, shape, result);
        return result;
      };
      const name = `${block}.${nameOf(op, ours, identity)}.weight`;
      return [name, { dtype: 'F32', shape: [outputs, inputs, height, width], values: laidOut }];
    }),
    ...[...norms].flatMap(([ours, norm]) => normOf(`${block}.${nameOf(op, ours)}`, norm)),
    ...(scale ? [vector(`${block}.${op}.scale`, scale)] : []),
  ]);
  return trained.norm ? [...branches, ...normOf(`${block}.norm`, trained.norm)] : branches;
}

const normOf = (name: string, { gamma, beta, mean, variance }: TrainedNorm): Named[] => [
  vector(`${name}.weight`, gamma),
  vector(`${name}.bias`, beta),
  vector(`${name}.running_mean`, mean),
  vector(`${name}.running_var`, variance),
];

const vector = (name: string, values: Float32Array): Named => [
  name,
  { dtype: 'F32', shape: [values.length], values: () => values },
];
