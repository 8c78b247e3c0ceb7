/** An experiment that was not made since the run is to stop. The network is as it was. */
export class StoppedError extends Error {
  constructor() {
    super('the run is stopping');
    this.name = 'StoppedError';
  }
}
