import type { LoadedConfig } from '../../config/load.js';
import type { OpenDataset } from '../../contracts/dataset.js';
import { startEngine } from '../../run/engine.js';
import type { Timing } from '../timing/index.js';
import { prepare, type Ready, timeAll } from './measure.js';
import {
  type BenchEntry,
  type BenchOptions,
  type BenchReport,
  type Group,
  MEASURES,
  type Measure,
  type MeasuredTiming,
} from './report.js';
import { PLAIN, subjectsOf } from './subjects.js';

/** Times training steps and inference, fused and unfused, on the config's engine. @throws NoEngineError when it cannot run here. */
export async function bench(loaded: LoadedConfig, options: BenchOptions): Promise<BenchReport> {
  const { config, parts, folder } = loaded;
  const { signal = new AbortController().signal } = options;
  const opened = { folder, warn: () => undefined, signal };
  const dataset = await parts.dataset.definition.open(parts.dataset.options, opened);
  try {
    const { name, session } = await startEngine(parts.engines);
    try {
      const { device, versions } = session;
      return {
        engine: name,
        device,
        versions: { node: process.versions.node, ...versions },
        batch: config.train.batchSize,
        block: options.block,
        network: { backbone: config.backbone, image: dataset.shape },
        ...(await measureGroups(loaded, dataset, { ...options, signal })),
      };
    } finally {
      await session.stop();
    }
  } finally {
    await dataset.close();
  }
}

async function measureGroups(
  loaded: LoadedConfig,
  dataset: OpenDataset,
  options: BenchOptions & { readonly signal: AbortSignal },
): Promise<Pick<BenchReport, 'entries' | 'skipped'>> {
  const entries: BenchEntry[] = [];
  const skipped: BenchReport['skipped'][number][] = [];
  for (const group of options.groups) {
    const { subjects, skipped: lacking } = subjectsOf(group, { ...options, loaded, dataset });
    skipped.push(...lacking.map((one) => ({ group, ...one })));
    options.onGroup?.(group, subjects.length);
    const ready = new Map<string, Ready>();
    try {
      for (const subject of subjects) {
        options.signal.throwIfAborted();
        try {
          ready.set(subject.name, await prepare(subject, loaded));
        } catch (error) {
          if (subject.name === PLAIN) throw error;
          skipped.push({ group, name: subject.name, reason: error instanceof Error ? error.message : String(error) });
        }
      }
      entries.push(...(await measured(group, ready, options)));
    } finally {
      for (const { dispose } of ready.values()) dispose();
    }
  }
  return { entries, skipped };
}

async function measured(
  group: Group,
  ready: ReadonlyMap<string, Ready>,
  { milliseconds, signal }: Pick<BenchOptions, 'milliseconds'> & { readonly signal: AbortSignal },
): Promise<BenchEntry[]> {
  const byMeasure = new Map<Measure, Record<string, Timing>>();
  for (const measure of MEASURES) {
    signal.throwIfAborted();
    byMeasure.set(measure, await timeAll(ready, measure, milliseconds));
  }
  const figure = (name: string, measure: Measure): MeasuredTiming => {
    const timings = byMeasure.get(measure) ?? {};
    const [own, plain] = [timings[name] as Timing, timings[PLAIN] as Timing];
    return { ...own, ratioToPlain: own.median / plain.median };
  };
  return [...ready.keys()].map((name) => ({
    group,
    name,
    training: figure(name, 'training'),
    unfused: figure(name, 'unfused'),
    fused: figure(name, 'fused'),
  }));
}
