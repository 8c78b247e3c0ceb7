/** How to run, besides what the config says. */
export interface RunOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** `key.path=value`, applied over the config. */
  readonly set?: readonly string[] | undefined;
  /** Name of the run folder below the config's `out`. @default from strategy, backbone, dataset and seed */
  readonly name?: string | undefined;
  /** Replaces a run of this name. @default false */
  readonly force?: boolean | undefined;
  /** Resumes a run of this name from its newest whole checkpoint. @default false */
  readonly resume?: boolean | undefined;
  /** Stops the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** True if a person watches on a terminal. @default process.stderr.isTTY */
  readonly interactive?: boolean | undefined;
  /**
   * Told what concerns this process and not the run, whose events are the same however often it was stopped: the checkpoint that
   * it was resumed from, and why newer ones were left out. @default a line on stderr each
   */
  readonly note?: ((message: string) => void) | undefined;
}
