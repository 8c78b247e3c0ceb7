import type { Registry } from '../config/container/registry.js';
import type { Engine, EngineSession } from '../contracts/engine.js';
import type { Chosen } from '../contracts/part.js';

/** Thrown if none of the requested engines can run here. Lists the reason for each. */
export class NoEngineError extends Error {
  constructor(refusals: readonly string[]) {
    super(`no engine can run here:\n${refusals.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'NoEngineError';
  }
}

/**
 * Starts the first engine that this machine can run: the one that a config names, or for `auto` all of them in their
 * order. A named engine that cannot run is an error, never replaced by another.
 */
export async function startEngine(
  engines: readonly Chosen<Engine>[],
): Promise<{ readonly name: string; readonly session: EngineSession }> {
  const refusals: string[] = [];
  for (const { definition, options } of engines) {
    const probe = await definition.probe(options);
    if (!probe.available) {
      refusals.push(`${definition.name}: ${probe.reason}; ${probe.install}`);
      continue;
    }
    return { name: definition.name, session: await definition.start(options) };
  }
  throw new NoEngineError(refusals);
}

/** An engine by its name, or for `auto` all of them in their order, each without options. */
export function enginesNamed(registry: Registry, name: string): Chosen<Engine>[] {
  const all = registry.parts('engine').map(({ part }) => part);
  const named = name === 'auto' ? all.sort((a, b) => a.order - b.order) : [registry.part('engine', name)];
  return named.map((definition) => ({ definition, options: definition.options.parse({}) }));
}
