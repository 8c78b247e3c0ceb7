import * as Plot from '@observablehq/plot';
import { domainOf, draw, epochTicks } from '../draw.js';
import type { CurvePoint } from '../history.js';
import { colourScale } from '../palette.js';

/** One epoch of an entrant over its seeds, in percent. */
interface Epoch {
  readonly entrant: string;
  readonly epoch: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Accuracy by epoch: the mean of the seeds, in a band from the worst to the best of them. Nothing where there are no points. */
export function learningCurves(
  points: readonly CurvePoint[],
  { label, colours, width }: { label: string; colours: ReadonlyMap<string, string>; width: number },
): string | undefined {
  if (points.length === 0) return undefined;
  const epochs = overSeeds(points);
  const last = Math.max(...epochs.map(({ epoch }) => epoch));
  // A single epoch still needs an axis.
  const first = Math.min(1, last - 1);
  return draw(label, {
    width,
    height: Math.round(Math.min(340, 180 + width / 4)),
    marginLeft: 44,
    marginRight: 14,
    marginBottom: 40,
    marginTop: 26,
    x: {
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [first, last],
      ticks: epochTicks(first, last, width < 450 ? 6 : 10),
      tickFormat: 'd',
    },
    y: {
      label,
      domain: domainOf(epochs.flatMap(({ low, high }) => [low, high])),
      labelArrow: 'none',
      grid: true,
      nice: true,
      ticks: 6,
    },
    color: colourScale(colours),
    marks: [
      Plot.areaY(epochs, { x: 'epoch', y1: 'low', y2: 'high', z: 'entrant', fill: 'entrant', fillOpacity: 0.15 }),
      Plot.lineY(epochs, { x: 'epoch', y: 'mean', z: 'entrant', stroke: 'entrant', strokeWidth: 2 }),
      // A curve of one epoch has no line; of many, dots would hide it.
      ...(last <= 20 ? [Plot.dot(epochs, { x: 'epoch', y: 'mean', fill: 'entrant', r: 2.5, title: inWords })] : []),
    ],
  });
}

const inWords = ({ entrant, epoch, mean, low, high }: Epoch): string =>
  `${entrant}, epoch ${epoch}: ${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

function overSeeds(points: readonly CurvePoint[]): Epoch[] {
  const groups = new Map<string, CurvePoint[]>();
  for (const point of points) {
    const key = `${point.entrant}/${point.epoch}`;
    const group = groups.get(key);
    if (group) group.push(point);
    else groups.set(key, [point]);
  }
  return [...groups.values()]
    .map((group): Epoch => {
      const { entrant, epoch } = group[0] as CurvePoint;
      const values = group.map(({ accuracy }) => 100 * accuracy);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { entrant, epoch, mean, low: Math.min(...values), high: Math.max(...values) };
    })
    .sort((a, b) => a.epoch - b.epoch);
}
