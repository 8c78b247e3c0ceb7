/**
 * Comparisons of several entrants over several seeds, and their reports.
 * @module repnas/compare
 */
export { compare, type CompareOptions, type ComparisonOutcome } from './compare.js';
export type { ComparisonDescription, EntrantDescription, InTimeOf } from './description.js';
export type { Latency } from '../timing/index.js';
export type { Trial } from './load.js';
export type { CurvePoint, GatePoint, History } from './report/history.js';
export type { Trust } from '../../run/folder/trusted-plugins.js';
export { readReport } from './report/read.js';
export type { EntrantReport, EqualTimeReport, LatencyReport, Report } from './report/report.js';
export type { GateReport, SearchReport } from './report/search.js';
export type { ReportSource } from './report/page.js';
export { writeReport } from './report/write.js';
export { type ComparisonFile, defineComparison, type Matrix } from './define.js';
export { comparisonJsonSchema } from './schema.js';
export type { Estimate } from './statistics.js';
export type { Measured, TrialRecord } from './trial.js';
