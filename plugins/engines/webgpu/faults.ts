/** What is used of a device: it tells of errors beside the calls that made them. */
export interface FaultyDevice {
  addEventListener(type: 'uncapturederror', listen: (event: FaultEvent) => void): void;
}

interface FaultEvent {
  readonly error: { readonly message: string };
  preventDefault(): void;
}

/** Remembers the first call that a device refused: what was computed since is not to be trusted. */
export class Faults {
  #first: string | undefined;

  constructor(device: FaultyDevice) {
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.#first ??= event.error.message;
    });
  }

  /** @throws Error with what the device said, where it refused anything. */
  check(): void {
    if (this.#first !== undefined) throw new Error(`webgpu: the device refused a call: ${this.#first.trim()}`);
  }
}
