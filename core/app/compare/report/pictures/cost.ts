import * as Plot from '@observablehq/plot';
import { domainOf, draw } from '../draw.js';
import { colourScale } from '../palette.js';
import type { EntrantReport } from '../report.js';

/** Where the dearest entrant takes this many times as long as the cheapest, the axis is logarithmic. */
const LOGARITHMIC_FROM = 20;

const UNITS = [
  { name: 'hours', seconds: 3600 },
  { name: 'minutes', seconds: 60 },
  { name: 'seconds', seconds: 1 },
] as const;

/** The largest of which there are some. */
const unitOf = (seconds: number) => UNITS.find((unit) => seconds >= 3 * unit.seconds) ?? UNITS[2];

/** Accuracy against the time of training: means with their intervals both ways, small rings are the seeds. Nothing where nothing was timed. */
export function accuracyAgainstCost(
  entrants: readonly EntrantReport[],
  { colours, width }: { colours: ReadonlyMap<string, string>; width: number },
): string | undefined {
  const unit = unitOf(Math.max(...entrants.map(({ trainingSeconds }) => trainingSeconds?.mean ?? 0)));
  const means = entrants.flatMap(({ entrant, accuracy, trainingSeconds }) => {
    if (!accuracy || !trainingSeconds) return [];
    const [y, x] = [100 * accuracy.mean, trainingSeconds.mean / unit.seconds];
    const [dy, dx] = [100 * (accuracy.margin ?? 0), (trainingSeconds.margin ?? 0) / unit.seconds];
    return [{ entrant, x, y, left: x - dx, right: x + dx, low: y - dy, high: y + dy }];
  });
  if (means.length === 0) return undefined;
  const seeds = entrants.flatMap(({ entrant, accuracy, trainingSeconds }) =>
    Object.entries(accuracy?.bySeed ?? {}).flatMap(([seed, share]) => {
      const seconds = trainingSeconds?.bySeed[seed];
      return seconds === undefined ? [] : [{ entrant, seed, x: seconds / unit.seconds, y: 100 * share }];
    }),
  );
  const smallest = Math.min(...seeds.map(({ x }) => x));
  const logarithmic = Math.max(...seeds.map(({ x }) => x)) > LOGARITHMIC_FROM * smallest;
  // An interval wider than its mean would lead a logarithmic axis below zero, and a linear one to times that cannot be.
  for (const mean of means) mean.left = Math.max(mean.left, logarithmic ? smallest / 2 : 0);
  return draw('test accuracy against the time of training', {
    width,
    height: Math.round(Math.min(380, 220 + width / 5)),
    marginLeft: 44,
    marginRight: 24,
    marginBottom: 40,
    marginTop: 26,
    x: {
      label: `training, ${unit.name}${logarithmic ? ' (logarithmic)' : ''}`,
      labelAnchor: 'center',
      labelArrow: 'none',
      grid: true,
      nice: true,
      ticks: width < 450 ? 5 : 9,
      ...(logarithmic ? { type: 'log' as const } : { zero: true }),
    },
    y: {
      label: 'test accuracy, %',
      domain: domainOf([...means.flatMap(({ low, high }) => [low, high]), ...seeds.map(({ y }) => y)]),
      labelArrow: 'none',
      grid: true,
      nice: true,
      ticks: 6,
    },
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
        title: ({ entrant, seed, x, y }) =>
          `${entrant}, seed ${seed}: ${y.toFixed(2)} % in ${x.toFixed(1)} ${unit.name}`,
      }),
      Plot.dot(means, {
        x: 'x',
        y: 'y',
        fill: 'entrant',
        stroke: 'white',
        r: 6,
        title: ({ entrant, x, y }) => `${entrant}: ${y.toFixed(2)} % in ${x.toFixed(1)} ${unit.name}`,
      }),
    ],
  });
}
