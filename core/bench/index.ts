export { bench, type BenchOptions, type BenchReport } from './bench.js';
export { benchDeploy, type DeployOptions, type DeployReport } from './deploy.js';
export type { DeployEntry } from './deploy-rows.js';
export { deployTable } from './deploy-table.js';
export { benchTables } from './table.js';
export type { Timing } from '../timing/index.js';
