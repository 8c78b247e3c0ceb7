/** Files of a run folder; `checkpoints/` and `model/` lie beside them. */
export const RUN_FILES = {
  /** The resolved config, with the origin of every key. */
  config: 'config.json',
  /** Versions, seed, engine, device, times. */
  run: 'run.json',
  /** The run's events, one per line. */
  events: 'events.jsonl',
  metrics: 'metrics.csv',
  /** The chosen branches; `repnas train --arch` reads it. */
  architecture: 'architecture.json',
  /** The trained multi-branch network. */
  weights: 'weights.safetensors',
  certificate: 'certificate.json',
  /** Final figures. */
  result: 'result.json',
  /** Size and SHA-256 of the other files, written last. */
  manifest: 'manifest.json',
} as const;

export type RunFile = (typeof RUN_FILES)[keyof typeof RUN_FILES];

/** Files of a report; `repnas report` writes them into a run folder too. */
export const REPORT_FILES = {
  markdown: 'report.md',
  csv: 'report.csv',
  /** One line per gate, seed and epoch of a search. */
  gates: 'report-gates.csv',
  json: 'report.json',
  html: 'report.html',
} as const;

/** One folder per checkpoint. */
export const CHECKPOINTS = 'checkpoints';

/** One folder per export format. */
export const MODEL = 'model';

/** The baseline trained beside the strategy. */
export const BASELINE = 'baseline';

/** The process that works in the folder. */
export const LOCK = 'lock.json';
