/** The files of a run folder; beside them lie `checkpoints/` and `model/`. */
export const RUN_FILES = {
  /** The resolved config, with the origin of every key. */
  config: 'config.json',
  /** Versions, seed, engine, device, times. */
  run: 'run.json',
  /** The run's events, one a line. */
  events: 'events.jsonl',
  metrics: 'metrics.csv',
  /** The chosen branches; what `repnas train --arch` takes. */
  architecture: 'architecture.json',
  /** The trained multi-branch network. */
  weights: 'weights.safetensors',
  certificate: 'certificate.json',
  /** The figures at the end. */
  result: 'result.json',
  /** Size and SHA-256 of the others, written last. */
  manifest: 'manifest.json',
} as const;

export type RunFile = (typeof RUN_FILES)[keyof typeof RUN_FILES];

/** The report's forms; `repnas report` writes them into a run folder too. */
export const REPORT_FILES = {
  markdown: 'report.md',
  csv: 'report.csv',
  /** A line for each gate, seed and epoch of a search. */
  gates: 'report-gates.csv',
  json: 'report.json',
  html: 'report.html',
} as const;

/** One folder a checkpoint. */
export const CHECKPOINTS = 'checkpoints';

/** Exports, a folder for each format. */
export const MODEL = 'model';

/** The baseline that was trained beside. */
export const BASELINE = 'baseline';

/** Who works in the folder. */
export const LOCK = 'lock.json';
