import * as Plot from '@observablehq/plot';
import type { Estimate } from '../../statistics.js';
import { domainOf, draw, shortened, widthOf } from '../draw.js';
import { colourScale } from '../palette.js';

/** A row: a mean with its interval, and each seed. */
export interface Row {
  readonly entrant: string;
  readonly estimate: Estimate;
}

export interface IntervalsOptions {
  readonly label: string;
  readonly colours: ReadonlyMap<string, string>;
  readonly width: number;
  /** Draws a line at zero. */
  readonly zero?: boolean;
}

/** Means with their 95 % intervals, a row an entrant; small rings are the seeds. Shares are shown in percent. */
export function intervals(rows: readonly Row[], { label, colours, width, zero = false }: IntervalsOptions): string {
  const means = rows.map(({ entrant, estimate: { mean, margin = 0 } }) => ({
    entrant,
    mean: 100 * mean,
    low: 100 * (mean - margin),
    high: 100 * (mean + margin),
  }));
  const seeds = rows.flatMap(({ entrant, estimate }) =>
    Object.entries(estimate.bySeed).map(([seed, value]) => ({ entrant, seed, value: 100 * value })),
  );
  const shown = [...means.flatMap(({ low, high }) => [low, high]), ...seeds.map(({ value }) => value)];
  return draw(label, {
    width,
    height: 56 + 34 * rows.length,
    marginLeft: widthOf(rows.map(({ entrant }) => shortened(entrant))) + 14,
    marginRight: 18,
    marginBottom: 40,
    x: {
      label,
      domain: domainOf(zero ? [0, ...shown] : shown),
      labelAnchor: 'center',
      labelArrow: 'none',
      grid: true,
      nice: true,
      ticks: 5,
      insetLeft: 6,
      insetRight: 6,
    },
    y: { label: null, domain: rows.map(({ entrant }) => entrant), tickSize: 0, tickFormat: shortened },
    color: colourScale(colours),
    marks: [
      ...(zero ? [Plot.ruleX([0], { stroke: '#495057' })] : []),
      Plot.ruleY(means, {
        y: 'entrant',
        x1: 'low',
        x2: 'high',
        stroke: 'entrant',
        strokeWidth: 2.5,
        strokeLinecap: 'round',
      }),
      Plot.dot(seeds, {
        x: 'value',
        y: 'entrant',
        stroke: 'entrant',
        fill: 'white',
        r: 3,
        dy: 8,
        title: ({ entrant, seed, value }) => `${entrant}, seed ${seed}: ${value.toFixed(2)}`,
      }),
      Plot.dot(means, {
        x: 'mean',
        y: 'entrant',
        fill: 'entrant',
        r: 5,
        title: ({ entrant, mean, high }) => `${entrant}: ${mean.toFixed(2)} ± ${(high - mean).toFixed(2)}`,
      }),
    ],
  });
}
