export { compare, type CompareOptions, type ComparisonOutcome } from './compare.js';
export type { Trial } from './load.js';
export { readReport } from './report/read.js';
export type { EntrantReport, LatencyReport, Report } from './report/report.js';
export type { GateReport, SearchReport } from './report/search.js';
export { type ReportSource, writeReport } from './report/write.js';
export { type ComparisonFile, defineComparison } from './define.js';
export type { Estimate } from './statistics.js';
export type { Measured, TrialRecord } from './trial.js';
