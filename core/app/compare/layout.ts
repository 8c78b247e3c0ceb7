/** What a comparison leaves in its folder. */
export const COMPARISON = {
  /** What is compared: entrants with their resolved configs, seeds, gates. */
  description: 'comparison.json',
  /** One line for each trial that is over. */
  records: 'trials.jsonl',
  /** A run folder for each trial. */
  runs: 'trials',
  /** How long each trial has trained so far; only of use when it is resumed. */
  clocks: 'clocks',
  /** What each trial's processes said. */
  logs: 'logs',
} as const;
