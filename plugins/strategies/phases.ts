import type { EpochPlan, Phase } from '../../core/contracts/index.js';

// The phases that strategies have in common.

/** Name of the phase that trains the chosen architecture. */
export const FROZEN = 'frozen';

/** One phase for all epochs: what strategies without a search train for. */
export const onePhase = ({ warmUp, search, frozen }: EpochPlan): Phase[] => [
  { name: 'train', epochs: warmUp + search + frozen, searches: false },
];

/** Warm-up, search, and the chosen architecture. */
export const searchPhases = ({ warmUp, search, frozen }: EpochPlan): Phase[] => [
  { name: 'warm-up', epochs: warmUp, searches: false },
  { name: 'search', epochs: search, searches: true },
  { name: FROZEN, epochs: frozen, searches: false },
];
