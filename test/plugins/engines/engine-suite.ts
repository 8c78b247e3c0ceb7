import test from 'ava';
import type { Engine } from '../../../core/contracts/index.js';
import { type EngineTestOptions, testEngine } from '../../../core/testing/index.js';

/** The laws of engines as tests of the calling file, where this machine can run the engine. */
export async function engineTests<Options>(engine: Engine<Options>, given: EngineTestOptions = {}): Promise<void> {
  const probe = await engine.probe(engine.options.parse(given.options ?? {}));
  for (const { name, check } of testEngine(engine, given)) {
    if (probe.available) test.serial(name, async (t) => t.notThrowsAsync(check));
    else test.skip(`${name} (${probe.reason}; ${probe.install})`, () => undefined);
  }
}
