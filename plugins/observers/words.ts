import type { RunEvent } from '../../core/contracts/index.js';
import { budgetInWords } from '../../core/reparam/network/gate-budget.js';
import { checkInWords } from '../../core/io/export/words.js';

/** An event as a line for people; absent for events that say little alone (steps, gates, checkpoints, the end of an epoch). */
export function inWords(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run-started': {
      const { run, entrant, engine, device, seed, totalSteps, gates, budget, budgetUnit, resumedFrom } = event;
      const kept =
        budgetUnit !== undefined || budget < gates ? `, to keep ${budgetInWords({ budget, budgetUnit }, gates)}` : '';
      const from = resumedFrom === undefined ? '' : `, resumed from ${resumedFrom}`;
      return `${run}: ${entrant} on ${device} (${engine}), seed ${seed}, ${totalSteps} steps${kept}${from}`;
    }
    case 'phase-started':
      return `phase ${event.phase}: ${counted(event.epochs, 'epoch')} of ${counted(event.stepsPerEpoch, 'step')}`;
    case 'architecture':
      return `architecture after step ${event.step}: ${counted(event.kept, 'branch', 'branches')} kept`;
    case 'evaluation':
      return `accuracy ${percent(event.accuracy)} of ${counted(event.images, 'image')} after epoch ${event.epoch + 1} (${event.of}, loss ${figure(event.loss)})`;
    case 'certificate': {
      const { relativeError, tolerance, argmaxAgreement, images } = event;
      return `fused and multi-branch outputs differ by ${relativeError.toExponential(1)} relative (${tolerance} allowed) over ${counted(images, 'image')}, same class for ${percent(argmaxAgreement)}`;
    }
    case 'export':
      return `exported ${event.format}: ${event.path} (${(event.bytes / 2 ** 20).toFixed(1)} MiB; ${checkInWords(event)})`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'done':
      return `${event.run}: done`;
    case 'step':
    case 'epoch-ended':
    case 'gates':
    case 'checkpoint':
      return undefined;
  }
}

/** What is known of where a run stands. */
export interface Progress {
  readonly phase: string;
  /** Epochs begun. */
  readonly epoch: number;
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  /** Images a second, and seconds left; absent until there is something to go by. */
  readonly rate?: number | undefined;
  readonly secondsLeft?: number | undefined;
  /** The newest, and of which images. */
  readonly accuracy?: { readonly of: 'train' | 'test'; readonly value: number } | undefined;
}

/** The parts of a progress line, most important first. */
export function progressParts({ phase, epoch, loss, rate, secondsLeft, accuracy }: Progress): string[] {
  return [
    `${phase} epoch ${epoch}`,
    `loss ${figure(loss)}`,
    ...(rate === undefined ? [] : [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} images/s`]),
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]),
    ...(accuracy ? [`${accuracy.of} accuracy ${percent(accuracy.value)}`] : []),
  ];
}

/** `1h 05m`, `3m 20s`, `12s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(whole % 60)}s` : `${whole}s`;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const figure = (value: number): string => (Number.isFinite(value) ? value.toPrecision(4) : String(value));
const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
