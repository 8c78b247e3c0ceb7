import { checkConformance } from 'repnas/engine';
import { typedLoops } from './typed-loops.js';

const kernels = process.argv.slice(2);
const { backend, stop } = await typedLoops.start({});
const results = await checkConformance(backend, kernels.length > 0 ? { kernels } : {});
for (const { kernel, title, problem } of results.filter(({ passed }) => !passed))
  console.log(`${kernel}, ${title}: ${problem}`);
const passed = results.filter((result) => result.passed).length;
console.log(`${passed} of ${results.length} cases compute what the reference does`);
if (passed < results.length || results.length === 0) process.exitCode = 1;
await stop();
