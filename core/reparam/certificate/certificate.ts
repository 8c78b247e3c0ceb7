import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { type BlocksCertificate, type Certificate, type Difference, MaxDifference } from './difference.js';
import type { FusedModel } from '../network/fuse.js';
import type { Supernet } from '../network/supernet.js';

export type { Certificate, Difference };

/**
 * Compares a fused network with the trained one on batches of normalised images `[N, H, W, C]`, block by block and as a whole.
 * Never throws for a difference: {@link refusal} describes one.
 */
export async function certify(
  supernet: Supernet,
  fused: FusedModel,
  batches:
    | AsyncIterable<{ readonly images: Float32Array; readonly size: number }>
    | Iterable<{ readonly images: Float32Array; readonly size: number }>,
  tolerance: number,
): Promise<Certificate> {
  const [height, width, channels] = supernet.graph.input;
  const whole = new MaxDifference();
  const blocks = new Map(supernet.blocks.nodes.map(({ name }) => [name, new MaxDifference()]));
  let images = 0;
  let agreed = 0;
  for await (const batch of batches) {
    tf.tidy(() => {
      const x = tf.tensor4d(batch.images, [batch.size, height, width, channels]);
      const trained = supernet.infer(x, undefined, (node, read, y) =>
        tf.tidy(() => blocks.get(node.name)?.add(values(y), values(fused.block(node, read)))),
      );
      const plain = fused.infer(x);
      whole.add(values(trained), values(plain));
      agreed += tf.sum(tf.cast(tf.equal(tf.argMax(trained, 1), tf.argMax(plain, 1)), 'int32')).dataSync()[0] ?? 0;
    });
    images += batch.size;
    // Signals and timers run between macrotasks only, and a CPU engine never yields.
    await setImmediate();
  }
  const perBlock = Object.fromEntries([...blocks].map(([name, running]) => [name, running.difference()]));
  const { maxDifference, relativeError } = whole.difference();
  const passed =
    relativeError <= tolerance && Object.values(perBlock).every((block) => block.relativeError <= tolerance);
  return {
    format: 'repnas-certificate',
    version: 1,
    passed,
    images,
    tolerance,
    maxDifference,
    relativeError,
    argmaxAgreement: agreed / images,
    blocks: perBlock,
  };
}

/** Describes why a fused network may not be exported, or returns undefined. */
export function refusal(certificate: BlocksCertificate): string | undefined {
  if (certificate.passed) return undefined;
  const { tolerance } = certificate;
  const over = Object.entries(certificate.blocks).filter(([, { relativeError }]) => !(relativeError <= tolerance));
  const where = over
    .map(([name, { relativeError }]) => `block ${name} by ${relativeError.toExponential(2)}`)
    .join(', ');
  return `the fused network differs from the trained one: relative error ${certificate.relativeError.toExponential(2)} over ${certificate.images}${certificate.randomImages ? ' random' : ''} images, allowed ${tolerance}${where && `; ${where}`}`;
}

const values = (tensor: tf.Tensor): Float32Array => tensor.dataSync() as Float32Array;
