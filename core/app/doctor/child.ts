import { examine } from './examine.js';

// The process of one engine: it is named by its parent, and ends with its report.
const report = await examine(process.argv[2] ?? '');
process.send?.(report, undefined, undefined, () => process.exit(0));
