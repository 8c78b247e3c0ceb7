/** What was stopped by its signal. Of a run the last checkpoint is whole; of anything else nothing is half done. */
export class InterruptedError extends Error {
  /** The folder that it was stopped in: of a run the run folder, which `resume` goes on from. */
  readonly folder: string;

  constructor(folder: string, next = 'go on with --resume') {
    super(`interrupted; ${next} (${folder})`);
    this.name = 'InterruptedError';
    this.folder = folder;
  }
}
