/** Thrown after an interruption. The last checkpoint of a run is whole; nothing else is left half done. */
export class InterruptedError extends Error {
  /** The folder that it was interrupted in. `resume` continues a run from there. */
  readonly folder: string;

  constructor(folder: string, next = 'go on with --resume') {
    super(`interrupted; ${next} (${folder})`);
    this.name = 'InterruptedError';
    this.folder = folder;
  }
}
