import { existsSync, readFileSync } from 'node:fs';
import { createRun, InterruptedError } from 'repnas';

const BUDGETS = [0.25, 0.5, 0.75];

const config = (keptRatio) => ({
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 48, test: 24 },
  backbone: { name: 'vgg', depth: 11, width: 0.0625 },
  train: { epochs: { warmUp: 1, search: 1, frozen: 1 }, batchSize: 16 },
  budget: { keptRatio },
  observers: ['jsonl'],
  export: [],
  out: 'sweep',
});

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

/** Runs one budget, goes on with it if it was stopped, or reads its result if it is finished. */
async function resultOf(keptRatio) {
  const name = `kept-${keptRatio}`;
  const folder = `sweep/${name}`;
  if (existsSync(`${folder}/result.json`)) return JSON.parse(readFileSync(`${folder}/result.json`, 'utf8'));
  const resume = existsSync(`${folder}/config.json`);
  const { events$, done } = createRun(config(keptRatio), { name, resume, signal: stop.signal });
  events$.subscribe({
    next: (event) => {
      if (event.type === 'epoch-ended') console.error(`${name}: ${event.phase}, loss ${event.loss.toFixed(3)}`);
    },
    // The error is handled where the result is awaited.
    error: () => {},
  });
  return (await done).main;
}

try {
  for (const keptRatio of BUDGETS) {
    const { accuracy, cost } = await resultOf(keptRatio);
    const percent = (100 * accuracy.fused).toFixed(1);
    console.log(`${keptRatio}: ${percent} % correct, ${cost.training.macs} multiply-adds in training`);
  }
} catch (error) {
  if (!(error instanceof InterruptedError)) throw error;
  console.error(error.message);
  process.exitCode = 130;
}
