import { nearest } from '../../config/container/describe.js';
import { createRunContainer } from '../../config/container/plugins.js';
import { RefusedError } from '../../run/errors.js';
import { runChild } from '../child.js';
import type { EngineReport } from './examine.js';

/** Which engines are examined. */
export interface ExamineOptions {
  /** @default all there are */
  readonly engines?: readonly string[] | undefined;
  /** Ends the process that examines, and asks no other. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Which engines this machine can run, in the order in which `engine: auto` asks them: on which device, how fast, and what to install
 * for one that is not here. A process each: what one engine loads must not decide what another finds, nor one that crashes end the
 * others. One after another: they are timed.
 *
 * @throws RefusedError for a name that no engine has
 */
export async function examineEngines({ engines, signal }: ExamineOptions = {}): Promise<EngineReport[]> {
  const { registry } = await createRunContainer();
  const all = registry
    .parts('engine')
    .map(({ part }) => part)
    .sort((a, b) => a.order - b.order)
    .map(({ name }) => name);
  const unknown = engines?.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new RefusedError(
      `there is no engine '${unknown}'; expected some of ${all.join(', ')}. ${nearest(unknown, all) ?? ''}`.trim(),
    );
  const reports: EngineReport[] = [];
  for (const name of all) if (!engines || engines.includes(name)) reports.push(await inProcess(name, signal));
  return reports;
}

async function inProcess(engine: string, signal: AbortSignal | undefined): Promise<EngineReport> {
  signal?.throwIfAborted();
  let said = '';
  const { answer, how, error } = await runChild<EngineReport>({
    module: new URL('./child.js', import.meta.url),
    args: [engine],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Without the flags that the caller's own process was started with.
    execArgv: [],
    ...(signal && { signal }),
    onStart: (child) => {
      child.stderr?.on('data', (text: Buffer) => {
        said = (said + text.toString()).slice(-2000);
      });
    },
  });
  if (error) throw error;
  const reason = said.trim() || `its process ended (${how})`;
  return answer ?? { engine, available: false, reason, install: 'nothing known: the engine crashed' };
}
