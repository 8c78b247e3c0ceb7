import * as Plot from '@observablehq/plot';
import { draw } from '../draw.js';
import { colourScale } from '../palette.js';
import type { EntrantReport } from '../report.js';

/** Where the dearest entrant takes this many times as long as the cheapest, the axis is logarithmic. */
const LOGARITHMIC_FROM = 20;

/** Accuracy against the time of training: means with their intervals both ways, small rings are the seeds. Nothing where nothing was timed. */
export function accuracyAgainstCost(
  entrants: readonly EntrantReport[],
  { colours, width }: { colours: ReadonlyMap<string, string>; width: number },
): string | undefined {
  const means = entrants.flatMap(({ entrant, accuracy, trainingSeconds }) => {
    if (!accuracy || !trainingSeconds) return [];
    const [y, x] = [100 * accuracy.mean, trainingSeconds.mean];
    const [dy, dx] = [100 * (accuracy.margin ?? 0), trainingSeconds.margin ?? 0];
    return [{ entrant, x, y, left: x - dx, right: x + dx, low: y - dy, high: y + dy }];
  });
  if (means.length === 0) return undefined;
  const seeds = entrants.flatMap(({ entrant, accuracy, trainingSeconds }) =>
    Object.entries(accuracy?.bySeed ?? {}).flatMap(([seed, share]) => {
      const x = trainingSeconds?.bySeed[seed];
      return x === undefined ? [] : [{ entrant, seed, x, y: 100 * share }];
    }),
  );
  const smallest = Math.min(...seeds.map(({ x }) => x));
  const logarithmic = Math.max(...seeds.map(({ x }) => x)) > LOGARITHMIC_FROM * smallest;
  // An interval wider than its mean would lead a logarithmic axis below zero, and a linear one to times that cannot be.
  for (const mean of means) mean.left = Math.max(mean.left, logarithmic ? smallest / 2 : 0);
  return draw('test accuracy against seconds of training', {
    width,
    height: Math.round(Math.min(380, 220 + width / 5)),
    marginLeft: 44,
    marginRight: 18,
    marginBottom: 40,
    marginTop: 26,
    x: {
      label: `training, seconds${logarithmic ? ' (logarithmic)' : ''}`,
      labelAnchor: 'center',
      labelArrow: 'none',
      grid: true,
      nice: true,
      ticks: width < 450 ? 5 : 9,
      ...(logarithmic ? { type: 'log' as const } : { zero: true }),
    },
    y: { label: 'test accuracy, %', labelArrow: 'none', grid: true, nice: true, ticks: 6 },
    color: colourScale(colours),
    marks: [
      Plot.ruleX(means, { x: 'x', y1: 'low', y2: 'high', stroke: 'entrant', strokeWidth: 1.5 }),
      Plot.ruleY(means, { y: 'y', x1: 'left', x2: 'right', stroke: 'entrant', strokeWidth: 1.5 }),
      Plot.dot(seeds, {
        x: 'x',
        y: 'y',
        stroke: 'entrant',
        fill: 'white',
        r: 3,
        title: ({ entrant, seed, x, y }) => `${entrant}, seed ${seed}: ${y.toFixed(2)} % in ${x.toFixed(1)} s`,
      }),
      Plot.dot(means, {
        x: 'x',
        y: 'y',
        fill: 'entrant',
        stroke: 'white',
        r: 6,
        title: ({ entrant, x, y }) => `${entrant}: ${y.toFixed(2)} % in ${x.toFixed(1)} s`,
      }),
    ],
  });
}
