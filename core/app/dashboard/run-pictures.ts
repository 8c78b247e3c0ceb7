import * as Plot from '@observablehq/plot';
import { domainOf, draw } from '../compare/report/draw.js';
import { placesOf } from '../compare/report/history.js';
import { colourScale, coloursOf, opColoursOf } from '../compare/report/palette.js';
import { grid } from '../compare/report/pictures/grid.js';
import type { Training } from './follow.js';

// The pictures of runs: curves by step, and what a search does with its gates. Several trainings share one picture, so that a run stands
// beside its baseline and two runs beside each other.

const WIDTH = 560;

/** A training under the name that the picture gives it. */
export interface Named {
  readonly name: string;
  readonly training: Training;
}

const frame = (label: string, height = 260) => ({
  width: WIDTH,
  height,
  marginLeft: 56,
  marginRight: 14,
  marginBottom: 40,
  marginTop: 26,
  x: { label: 'step', labelAnchor: 'center' as const, labelArrow: 'none' as const, nice: true, ticks: 6 },
  y: { label, labelArrow: 'none' as const, grid: true, nice: true, ticks: 6 },
});

export const PICTURES: Readonly<Record<string, (trainings: readonly Named[]) => string | undefined>> = {
  loss: (trainings) => {
    const points = trainings.flatMap(({ name, training }) => training.steps.map((point) => ({ ...point, name })));
    if (points.length < 2) return undefined;
    return draw('training loss by step', {
      ...frame('training loss'),
      color: { ...colourScale(coloursOf(trainings.map(({ name }) => name))), legend: false },
      marks: [Plot.lineY(points, { x: 'step', y: 'loss', z: 'name', stroke: 'name', strokeWidth: 1.5 })],
    });
  },
  accuracy: (trainings) => {
    const points = trainings.flatMap(({ name, training }) =>
      training.epochs.map((point) => ({ ...point, percent: 100 * point.accuracy, name })),
    );
    if (points.length === 0) return undefined;
    const { y, ...rest } = frame('accuracy, %');
    const of = (images: string) => points.filter((point) => point.images === images);
    const title = (point: (typeof points)[number]): string =>
      `${point.name}, ${point.images}: ${point.percent.toFixed(2)} %`;
    return draw('accuracy by step: lines of dots on training images, filled dots on test images', {
      ...rest,
      y: { ...y, domain: domainOf(points.map(({ percent }) => percent)) },
      color: colourScale(coloursOf(trainings.map(({ name }) => name))),
      marks: [
        Plot.lineY(of('training'), { x: 'step', y: 'percent', z: 'name', stroke: 'name', strokeDasharray: '3 3' }),
        Plot.lineY(of('test'), { x: 'step', y: 'percent', z: 'name', stroke: 'name', strokeWidth: 2 }),
        Plot.dot([...of('test'), ...of('fused')], { x: 'step', y: 'percent', fill: 'name', r: 3, title }),
      ],
    });
  },
  'learning-rate': (trainings) => {
    const points = trainings.flatMap(({ name, training }) => training.steps.map((point) => ({ ...point, name })));
    if (points.length < 2) return undefined;
    return draw('learning rate by step', {
      ...frame('learning rate', 180),
      color: colourScale(coloursOf(trainings.map(({ name }) => name))),
      marks: [Plot.lineY(points, { x: 'step', y: 'learningRate', z: 'name', stroke: 'name', strokeWidth: 1.5 })],
    });
  },
  gates: ([first]) => {
    const points = first?.training.gates ?? [];
    if (points.length < 2) return undefined;
    const names = gateNames(first?.training);
    const last = points.at(-1);
    const lines = points.flatMap(({ epoch, ranks }) =>
      placesOf(ranks).map((place, gate) => ({
        epoch: epoch + 1,
        place,
        gate,
        kept: last?.mask[gate] === 1,
        branch: names?.[gate]?.branch ?? 'gate',
        title: names?.[gate] ? `${names[gate].block}, ${names[gate].branch}` : `gate ${gate}`,
      })),
    );
    const ops = [...new Set(lines.map(({ branch }) => branch))];
    return draw('place of every gate in the ranking by epoch; kept ones strong', {
      ...frame('place in the ranking', 320),
      x: {
        label: 'epoch',
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: [...new Set(lines.map(({ epoch }) => epoch))].slice(0, 20),
        tickFormat: 'd',
      },
      y: { label: 'place in the ranking', labelArrow: 'none', reverse: true },
      color: { ...colourScale(opColoursOf(ops)), legend: false },
      marks: [false, true].map((kept) =>
        Plot.lineY(
          lines.filter((line) => line.kept === kept),
          {
            x: 'epoch',
            y: 'place',
            z: 'gate',
            stroke: 'branch',
            strokeOpacity: kept ? 0.9 : 0.25,
            strokeWidth: kept ? 2 : 1,
            title: 'title',
          },
        ),
      ),
    });
  },
  architecture: ([first]) => {
    const { architecture, firstArchitecture } = first?.training ?? {};
    if (!architecture || !firstArchitecture) return undefined;
    const blocks = Object.keys(architecture);
    const ops = [...new Set([firstArchitecture, architecture].flatMap((one) => Object.values(one).flat()))];
    const colours = opColoursOf(ops);
    const cells = blocks.flatMap((block) =>
      ops.flatMap((op) => {
        const kept = architecture[block]?.includes(op) ?? false;
        if (!kept && !firstArchitecture[block]?.includes(op)) return [];
        return [
          {
            block,
            op,
            share: kept ? 1 : 0,
            colour: colours.get(op) as string,
            text: '',
            title: `${block}, ${op}: ${kept ? 'kept' : 'gone'}`,
          },
        ];
      }),
    );
    return grid(cells, { label: 'branches of every block now', blocks, ops });
  },
};

/** Names of the gates, where the first architecture has a branch for each of them: events number gates and do not name them. */
function gateNames(training: Training | undefined): readonly { block: string; branch: string }[] | undefined {
  const all = Object.entries(training?.firstArchitecture ?? {}).flatMap(([block, branches]) =>
    branches.map((branch) => ({ block, branch })),
  );
  return all.length === training?.gates[0]?.ranks.length ? all : undefined;
}
