import type { OpenDataset } from './dataset.js';
import type { ImportanceSession } from './importance-estimator.js';
import type { Probe } from './probe.js';
import type { RandomSource } from './random.js';

/**
 * The services of a run: the objects that it builds for itself, each under a token. A run asks for a service by its token and never
 * builds one by hand, so a plugin can replace it, or wrap what the run would have built (`host.provide`).
 */

/** Names a service and, in types, what it is. */
export interface ServiceToken<Service> {
  readonly name: string;
  /** Exists for types only. */
  readonly service?: Service;
}

/** Returns the service of a token, building it if nobody has asked for it yet. */
export type GetService = <Service>(token: ServiceToken<Service>) => Service;

/** Builds a service from others. `usual` builds what the run would use without this factory. */
export type ServiceFactory<Service> = (get: GetService, usual: () => Service) => Service;

/** Gives the time that records are dated with. A run's results never depend on it. */
export interface Clock {
  /** Returns the present time. */
  now(): Date;
}

/** The clock that dates the run's records. One for each run. */
export const CLOCK: ServiceToken<Clock> = { name: 'clock' };

/** Stops the run after the current step. One for each run. */
export const SIGNAL: ServiceToken<AbortSignal> = { name: 'signal' };

/** Reports something to the user, as a `warning` event. One for each run. */
export const WARN: ServiceToken<(message: string) => void> = { name: 'warn' };

/** The images that the run trains and measures on. One for each run. */
export const DATASET: ServiceToken<Promise<OpenDataset>> = { name: 'dataset' };

/** The source of every random number. One for each strategy: the baseline draws the same numbers as the strategy beside it. */
export const RANDOM: ServiceToken<RandomSource> = { name: 'random' };

/** Ranks the gates. One for each strategy. */
export const IMPORTANCE: ServiceToken<ImportanceSession> = { name: 'importance' };

/** Measures a network and changes its branches between two steps. Each strategy has its own. */
export const PROBE: ServiceToken<Probe> = { name: 'probe' };
