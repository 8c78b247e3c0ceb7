import type { Estimate } from '../statistics.js';

/** How numbers look in a report for people. */
export const percent = (share: number): string => (100 * share).toFixed(2);

export const seconds = (value: number): string => {
  if (value >= 1000) return whole(value);
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
};

export const milliseconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

export const count = (value: number): string => {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return whole(value);
};

export const whole = (value: number): string => Math.round(value).toLocaleString('en');

export const times = (value: number): string => `${value.toFixed(2)}×`;

/** `12.3 ± 0.4`, the second the half of the 95 % interval; without it where there is only one measurement. */
export function withMargin(value: Estimate | undefined, show: (value: number) => string): string {
  if (!value) return '';
  return value.margin === undefined ? show(value.mean) : `${show(value.mean)} ± ${show(value.margin)}`;
}

/** The same of a difference, with its sign. */
export const signed = (value: Estimate | undefined, show: (value: number) => string): string =>
  value ? `${value.mean >= 0 ? '+' : '−'}${withMargin({ ...value, mean: Math.abs(value.mean) }, show)}` : '';

export const mean = (value: Estimate | undefined, show: (value: number) => string): string =>
  value ? show(value.mean) : '';
