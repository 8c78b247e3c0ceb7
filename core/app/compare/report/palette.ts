/** Twelve colours that people tell apart on white, colour-blind ones too as far as that goes (after Observable's and Tableau's). */
const COLOURS = [
  '#4269d0',
  '#e8590c',
  '#2b8a3e',
  '#a463f2',
  '#c92a2a',
  '#0b7285',
  '#d6336c',
  '#9c6b4e',
  '#e6a700',
  '#3bc9db',
  '#74b816',
  '#364fc7',
] as const;

/** Of branch ops, so that nobody takes an op for an entrant. */
const OP_COLOURS = [
  '#4e79a7',
  '#f28e2c',
  '#59a14f',
  '#9467bd',
  '#d1495b',
  '#17877d',
  '#e377c2',
  '#7f6f5f',
  '#b8860b',
] as const;

const GREY = '#868e96';

export const opColoursOf = (ops: readonly string[]): ReadonlyMap<string, string> =>
  new Map(ops.map((op, at) => [op, OP_COLOURS[at % OP_COLOURS.length] as string]));

/** By name in the order given; `plain`, which others are held against, is grey. */
export function coloursOf(names: readonly string[]): ReadonlyMap<string, string> {
  const coloured = names.filter((name) => name !== 'plain');
  return new Map(
    names.map((name) => [name, name === 'plain' ? GREY : (COLOURS[coloured.indexOf(name) % COLOURS.length] as string)]),
  );
}

/** A scale for Plot. */
export const colourScale = (colours: ReadonlyMap<string, string>) => ({
  domain: [...colours.keys()],
  range: [...colours.values()],
});
