/** A run that was stopped by its signal; its last checkpoint is whole. */
export class InterruptedError extends Error {
  readonly folder: string;

  constructor(folder: string) {
    super(`interrupted; go on with --resume (${folder})`);
    this.name = 'InterruptedError';
    this.folder = folder;
  }
}
