import { readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const { entrants, trials } = JSON.parse(readFileSync(file, 'utf8'));
const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;

console.log(`${trials.done} of ${trials.planned} trials`);
for (const { entrant, accuracy, over } of entrants) {
  console.log(`${entrant}: ${percent(accuracy.mean)} correct`);
  for (const [other, { mean, margin }] of Object.entries(over))
    console.log(`  over ${other}: ${percent(mean)} ± ${percent(margin)}, paired over the seeds`);
}
if (trials.done < trials.planned) process.exitCode = 1;
