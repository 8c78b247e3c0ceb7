import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<html><body></body></html>');

/** Width of a letter of the pictures' font, roughly. */
const LETTER = 7.2;

/** Pixels that a text takes, for margins. */
export const widthOf = (texts: readonly string[]): number =>
  Math.ceil(LETTER * Math.max(...texts.map(({ length }) => length)));

/** A name short enough for a picture; the table has it whole. */
export const shortened = (name: string): string => (name.length > 18 ? `${name.slice(0, 17)}…` : name);

/** A picture as SVG. `label` is for those who cannot see it. */
export function draw(label: string, options: Plot.PlotOptions): string {
  const svg = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    style: { fontSize: '12px', fontFamily: 'inherit', background: 'none', overflow: 'visible' },
    ...options,
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  return svg.outerHTML;
}

/** Ticks of an axis of epochs, about `most` of them: whole numbers at round distances. */
export function epochTicks(first: number, last: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => (last - first) / size <= most) ?? last - first;
  const from = Math.ceil(first / step) * step;
  return Array.from({ length: Math.floor((last - from) / step) + 1 }, (_, at) => from + at * step);
}

/** From the least to the greatest, and at least 1 wide: an axis of a single value has no ticks. */
export function domainOf(values: readonly number[]): [from: number, to: number] {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const missing = Math.max(0, 1 - (greatest - least)) / 2;
  return [least - missing, greatest + missing];
}
