import * as Plot from '@observablehq/plot';
import type { EntrantDescription } from '../../description.js';
import { draw, epochTicks } from '../draw.js';
import { percent } from '../format.js';
import type { GatePoint } from '../history.js';
import { colourScale } from '../palette.js';
import type { SearchReport } from '../search.js';
import { grid } from './grid.js';

const SAMPLED = '#1864ab';

/** In how many steps each gate was active before the architecture was decided, on average over the seeds. */
export const sampling = (
  { gates }: SearchReport,
  { name, spaces }: EntrantDescription,
  ops: readonly string[],
): string =>
  grid(
    gates.map(({ block, branch, sampled, share }) => ({
      block,
      op: branch,
      share: share.mean,
      colour: SAMPLED,
      text: compact(sampled.mean),
      title: `${block}, ${branch}: active in ${sampled.mean.toFixed(1)} steps, ${percent(share.mean)} % of them`,
    })),
    { label: `steps in which each gate of ${name} was active`, blocks: spaces.map(({ block }) => block), ops },
  );

const compact = (value: number): string => {
  if (value >= 1e6) return `${Math.round(value / 1e6)}M`;
  if (value >= 1e4) return `${Math.round(value / 1e3)}k`;
  return String(Math.round(value));
};

/** How the gates' places in the ranking of one seed moved: strong lines are the gates that would be kept at the end. */
export function ranks(
  points: readonly GatePoint[],
  { name, gates, budget, budgetUnit }: EntrantDescription,
  { colours, width }: { colours: ReadonlyMap<string, string>; width: number },
): string | undefined {
  const epochs = [...new Set(points.map(({ epoch }) => epoch))];
  if (epochs.length < 2) return undefined;
  const last = Math.max(...epochs);
  const final = new Map(points.filter(({ epoch }) => epoch === last).map(({ gate, place }) => [gate, place] as const));
  // A budget by cost has no place in the ranking.
  const kept = budgetUnit === undefined ? budget : 0;
  const lines = points.map(({ epoch, gate, place }) => {
    const { block = '', branch = '' } = gates[gate] ?? {};
    return { epoch, gate, place, block, branch, kept: (final.get(gate) ?? 0) <= kept };
  });
  const line = (strong: boolean) =>
    Plot.lineY(
      lines.filter((point) => point.kept === strong),
      {
        x: 'epoch',
        y: 'place',
        z: 'gate',
        stroke: 'branch',
        strokeWidth: strong ? 2 : 1,
        strokeOpacity: strong ? 0.9 : 0.25,
        curve: 'bump-x',
        title: ({ block, branch }) => `${block}, ${branch}`,
      },
    );
  return draw(`places of the gates of ${name} by epoch`, {
    width,
    height: 300,
    marginLeft: 44,
    marginRight: 16,
    marginBottom: 40,
    marginTop: 26,
    x: {
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: epochTicks(Math.min(...epochs), last, 6),
      tickFormat: 'd',
    },
    y: {
      label: 'place in the ranking',
      labelArrow: 'none',
      domain: [gates.length + 0.5, 0.5],
      ticks: [1, ...(kept > 0 ? [kept] : []), gates.length],
    },
    color: colourScale(colours),
    marks: [
      Plot.ruleY(kept > 0 ? [kept + 0.5] : [], { stroke: '#495057', strokeDasharray: '4 3' }),
      line(false),
      line(true),
      Plot.dot(
        lines.filter(({ kept }) => kept),
        { x: 'epoch', y: 'place', fill: 'branch', r: 2 },
      ),
    ],
  });
}
