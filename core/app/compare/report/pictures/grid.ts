import * as Plot from '@observablehq/plot';
import { draw, widthOf } from '../draw.js';

/** A branch of a block in a picture of layers by ops. */
export interface GridCell {
  readonly block: string;
  readonly op: string;
  /** 0 to 1: how strongly it is filled. */
  readonly share: number;
  readonly colour: string;
  readonly text: string;
  readonly title: string;
}

export interface GridOptions {
  readonly label: string;
  readonly blocks: readonly string[];
  readonly ops: readonly string[];
  /** A figure below each op's column. */
  readonly sums?: ReadonlyMap<string, string>;
}

const CELL = { width: 32, height: 22 };

/** A filled cell this strong needs light letters. */
const DARK = 0.55;

/** Layers from the first downwards, a column for each branch op, as the paper's figure shows an architecture. */
export function grid(cells: readonly GridCell[], { label, blocks, ops, sums }: GridOptions): string {
  const marginLeft = widthOf(blocks) + 12;
  const marginTop = Math.round(widthOf(ops) * 0.72) + 16;
  // The last op's name leans over the edge of its column.
  const marginRight = Math.max(12, Math.round(widthOf(ops.slice(-1)) * 0.72) - CELL.width / 2 + 12);
  const [width, height] = [CELL.width * ops.length, CELL.height * blocks.length];
  const below = [...(sums ?? [])].map(([op, text]) => ({ op, text }));
  return draw(label, {
    width: marginLeft + width + marginRight,
    height: marginTop + height + (sums ? 24 : 6),
    marginLeft,
    marginTop,
    marginRight,
    marginBottom: sums ? 24 : 6,
    x: { type: 'band', domain: ops, axis: null, padding: 0 },
    y: { type: 'band', domain: blocks, label: null, tickSize: 0, padding: 0 },
    marks: [
      Plot.axisX(ops, {
        anchor: 'top',
        label: null,
        tickSize: 0,
        tickRotate: -45,
        textAnchor: 'start',
        tickPadding: 2,
      }),
      Plot.cell(cells, { x: 'op', y: 'block', fill: '#f1f3f5', inset: 1.5, rx: 3 }),
      Plot.cell(cells, {
        x: 'op',
        y: 'block',
        fill: (cell: GridCell) => cell.colour,
        fillOpacity: 'share',
        inset: 1.5,
        rx: 3,
        title: 'title',
      }),
      Plot.text(cells, {
        x: 'op',
        y: 'block',
        text: 'text',
        fill: (cell: GridCell) => (cell.share > DARK ? 'white' : '#212529'),
        fontSize: 11,
        pointerEvents: 'none',
      }),
      Plot.text(below, { x: 'op', frameAnchor: 'bottom', dy: 18, text: 'text', fill: '#495057', fontSize: 11 }),
    ],
  });
}
