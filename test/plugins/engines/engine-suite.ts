import type { Engine } from '../../../core/contracts/index.js';
import { type EngineTestOptions, testEngine } from '../../../core/testing/index.js';
import { where } from './where.js';

/** The laws of engines as tests of the calling file, where this machine can run the engine. */
export async function engineTests<Options>(engine: Engine<Options>, given: EngineTestOptions = {}): Promise<void> {
  const probe = await engine.probe(engine.options.parse(given.options ?? {}));
  const here = where(probe);
  for (const { name, check } of testEngine(engine, given)) here(name, async (t) => t.notThrowsAsync(check));
}
