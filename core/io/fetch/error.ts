/** Something cannot be fetched. The message says what, and what to do. */
export class DownloadError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DownloadError';
  }
}

/** The connection broke; another attempt may go on where it did. */
export class BrokenDownloadError extends DownloadError {}
