import * as tf from '@tensorflow/tfjs-core';
import { shapeProblem } from '../config/container/shape.js';
import type { Engine, EngineSession } from '../contracts/index.js';
import { checkConformance } from '../engine/conformance/check.js';
import { gradients } from '../engine/index.js';
import { expect, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';

/** With what the laws of an engine are tried. */
export interface EngineTestOptions {
  /** Options of the engine, as a config writes them. @default {} */
  readonly options?: object;
}

/**
 * The laws of an engine, to be run as tests one after another in this order, in a process that runs no other engine: the first
 * starts it, the last stops it. It says what it runs on; every kernel, forward and gradient, computes what the reference
 * does; it counts the bytes of tensors rightly.
 */
export function testEngine<Options>(engine: Engine<Options>, given: EngineTestOptions = {}): Law[] {
  const law = lawOf(`engine '${engine.name}'`);
  const options = parsed(engine, given.options);
  let starting: Promise<EngineSession> | undefined;
  const started = (): Promise<EngineSession> => {
    starting ??= engine.start(options());
    return starting;
  };
  return [
    law('is what the contract of an engine says', () => {
      const problem = shapeProblem('engine', engine);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      options();
    }),
    law('says what it runs on', async () => {
      const session = await started();
      const probe = await engine.probe(options());
      expect(probe.available, `its probe says that it cannot run here, and it was started`);
      expect(probe.device === session.device, `its probe says ${probe.device}, its session ${session.device}`);
      const backend = tf.getBackend();
      expect(backend === session.backend, `the current backend is ${backend}; its session says ${session.backend}`);
      const odd = Object.entries(session.versions).find(([, version]) => !/^\d/.test(version));
      expect(odd === undefined, `the version of ${odd?.[0]} is ${odd?.[1]}`);
    }),
    law('computes every kernel, forward and gradient, as the reference does', async () => {
      const results = await checkConformance((await started()).backend);
      expect(results.length > 200, `it was held to the reference in only ${results.length} cases`);
      const failed = results.filter(({ passed }) => !passed);
      const [first] = failed;
      const of = `${failed.length} of ${results.length} cases`;
      expect(first === undefined, `${of} differ; the first: ${first?.kernel}, ${first?.title}: ${first?.problem}`);
    }),
    law('counts the bytes of tensors, once for each that shares its data, and the most there were', async () =>
      checkBytes(await started()),
    ),
    law('keeps less in memory when gradients are taken as the backward pass goes', async () =>
      checkBackward(await started()),
    ),
    law('stops', async () => (await started()).stop()),
  ];
}

function checkBytes(session: EngineSession): void {
  const { bytes } = session.memory();
  const counted = (expected: number, what: string): void => {
    const found = session.memory().bytes - bytes;
    expect(found === expected, `it counts ${found} bytes for ${what}; expected ${expected}`);
  };
  const x = tf.ones([256, 4]);
  const y = tf.reshape(x, [1024]);
  counted(4096, 'a tensor of 1024 numbers and one of another shape that shares them');
  tf.tidy(() => tf.sum(tf.add(x, 1)).dataSync());
  const peak = session.memory().peakBytes - bytes;
  expect(peak >= 2 * 4096, `it counts ${peak} bytes at the most, where two tensors of 4096 bytes were alive at a time`);
  tf.dispose([x, y]);
  counted(0, 'tensors that are disposed of');
  session.resetPeak();
  const after = session.memory().peakBytes - bytes;
  expect(after === 0, `it counts ${after} bytes at the most right after that was reset`);
}

function checkBackward(session: EngineSession): void {
  const kernels = Array.from({ length: 8 }, () => tf.randomNormal([8, 8], 0, 1, 'float32', 1));
  const x = tf.ones([512, 8]);
  const loss = () => tf.sum(kernels.reduce<tf.Tensor>((y, kernel) => tf.tanh(tf.matMul(y, kernel)), x)) as tf.Scalar;
  const peak = (compute: () => void): number => {
    session.resetPeak();
    const { bytes } = session.memory();
    tf.tidy(compute);
    return session.memory().peakBytes - bytes;
  };
  const all = peak(() => {
    tf.engine().gradients(loss, kernels);
  });
  const own = peak(() => {
    gradients(loss, kernels);
  });
  tf.dispose([...kernels, x]);
  expect(own < 0.7 * all, `it keeps ${own} bytes; ${all} when all activations are kept to the end`);
}
