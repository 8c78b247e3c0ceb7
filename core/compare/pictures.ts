import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { CurvePoint, GatePoint } from './curves.js';
import type { EntrantReport, Report } from './report.js';

/** The pictures of a report as SVG, by heading. Those that have nothing to show are left out. */
export function pictures(
  report: Report,
  curves: readonly CurvePoint[],
  gates: readonly GatePoint[],
): [heading: string, svg: string][] {
  const all: [string, string | undefined][] = [
    ['Learning curves: training accuracy by epoch, the band from the worst to the best seed', learningCurves(curves)],
    ['Test accuracy against the cost of training', costs(report)],
    ...report.entrants.flatMap((entrant): [string, string | undefined][] => [
      [`Branches that ${entrant.entrant} has, by layer; the figure is in how many seeds`, architecture(entrant)],
    ]),
    ...searching(gates).flatMap((entrant): [string, string | undefined][] => [
      [
        `How the gates' ranks moved while ${entrant} searched (each line is a gate of the first seed)`,
        ranks(gates, entrant),
      ],
      [`How often each gate was sampled while ${entrant} searched`, sampling(gates, entrant)],
    ]),
  ];
  return all.flatMap(([heading, svg]) => (svg ? [[heading, svg] as [string, string]] : []));
}

function draw(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const figure = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    width: 760,
    marginLeft: 60,
    ...options,
  });
  const svg = figure.tagName.toLowerCase() === 'svg' ? figure : figure.querySelector('svg:last-of-type');
  svg?.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return figure.outerHTML;
}

function learningCurves(curves: readonly CurvePoint[]): string | undefined {
  if (curves.length === 0) return undefined;
  return draw({
    color: { legend: true, type: 'categorical' },
    x: { label: 'epoch' },
    y: { label: 'training accuracy, %', grid: true },
    marks: [
      Plot.areaY(
        curves,
        Plot.groupX(
          { y1: 'min', y2: 'max' },
          { x: 'epoch', y1: percentOf, y2: percentOf, fill: 'entrant', fillOpacity: 0.15 },
        ),
      ),
      Plot.lineY(curves, Plot.groupX({ y: 'mean' }, { x: 'epoch', y: percentOf, stroke: 'entrant' })),
    ],
  });
}

const percentOf = ({ accuracy }: CurvePoint): number => 100 * accuracy;

function costs({ entrants }: Report): string | undefined {
  const points = entrants.flatMap(({ entrant, accuracy, trainingSeconds }) =>
    accuracy && trainingSeconds
      ? [
          {
            entrant,
            seconds: trainingSeconds.mean,
            accuracy: 100 * accuracy.mean,
            margin: 100 * (accuracy.margin ?? 0),
          },
        ]
      : [],
  );
  if (points.length === 0) return undefined;
  return draw({
    x: { label: 'training, seconds', grid: true, nice: true },
    y: { label: 'test accuracy, %', grid: true, nice: true },
    marginRight: 90,
    marks: [
      Plot.ruleX(points, {
        x: 'seconds',
        y1: (d) => d.accuracy - d.margin,
        y2: (d) => d.accuracy + d.margin,
        stroke: 'entrant',
      }),
      Plot.dot(points, { x: 'seconds', y: 'accuracy', fill: 'entrant', r: 5 }),
      Plot.text(points, { x: 'seconds', y: 'accuracy', text: 'entrant', dx: 8, textAnchor: 'start' }),
    ],
  });
}

function architecture({ kept = {} }: EntrantReport): string | undefined {
  const cells = Object.entries(kept).flatMap(([block, branches]) =>
    Object.entries(branches).map(([op, count]) => ({ block, op, count })),
  );
  if (cells.length === 0) return undefined;
  const blocks = Object.keys(kept);
  return draw({
    height: 60 + 20 * blocks.length,
    marginLeft: 130,
    marginTop: 30,
    x: { label: null, axis: 'top' },
    y: { label: null, domain: blocks },
    color: { scheme: 'Blues', domain: [0, Math.max(...cells.map(({ count }) => count)) * 1.4] },
    marks: [
      Plot.cell(cells, { x: 'op', y: 'block', fill: 'count', inset: 1 }),
      Plot.text(cells, { x: 'op', y: 'block', text: (d) => String(d.count) }),
    ],
  });
}

const searching = (gates: readonly GatePoint[]): string[] => [...new Set(gates.map(({ entrant }) => entrant))];

function ranks(gates: readonly GatePoint[], entrant: string): string | undefined {
  const own = gates.filter((point) => point.entrant === entrant);
  const first = own.filter(({ seed }) => seed === own[0]?.seed);
  if (new Set(first.map(({ epoch }) => epoch)).size < 2) return undefined;
  return draw({
    x: { label: 'epoch' },
    y: { label: 'place in the ranking', reverse: true },
    marks: [Plot.lineY(first, { x: 'epoch', y: 'place', z: 'gate', stroke: 'gate', strokeOpacity: 0.6 })],
  });
}

function sampling(gates: readonly GatePoint[], entrant: string): string | undefined {
  const own = gates.filter((point) => point.entrant === entrant);
  if (own.length === 0) return undefined;
  return draw({
    x: { label: 'share of the steps of an epoch in which a gate was active, %' },
    y: { label: 'gates', grid: true },
    marks: [
      Plot.rectY(own, Plot.binX({ y: 'count' }, { x: (d: GatePoint) => 100 * d.sampled, thresholds: 20 })),
      Plot.ruleY([0]),
    ],
  });
}
