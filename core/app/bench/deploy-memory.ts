import { runChild } from '../child.js';
import type { DeploySource } from './report.js';

/** What one process loads and answers with. */
export interface MemoryOrder {
  readonly row: 'unfused' | 'fused' | 'program';
  readonly source: DeploySource;
  /** Folder of `network.safetensors`, `graph.json` and the exported network in a folder of its format. */
  readonly folder: string;
  /** Of a program's row. */
  readonly format: string;
  readonly image: readonly [height: number, width: number, channels: number];
  /** Images at a time, one after another. */
  readonly batches: readonly number[];
}

export type MemoryAnswer = { readonly bytes: number } | { readonly reason: string };

/**
 * By how many bytes a process of its own grows, from all being loaded but the network to its highest point while it loads the network
 * and answers: the same for our engines and for other programs.
 *
 * @throws Error when the process fails, with its reason
 */
export async function measureMemory(order: MemoryOrder): Promise<number> {
  const { answer, how, error } = await runChild<MemoryAnswer>({
    module: new URL('./deploy-child.js', import.meta.url),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    order,
  });
  if (answer && 'bytes' in answer) return answer.bytes;
  throw error ?? new Error(`measuring memory (${order.row}): ${answer?.reason ?? `the process ended (${how})`}`);
}
