import type { OneDnnBackend } from '../backend.js';
import type { Primitive } from '../primitive.js';

// What the library leaves from a forward pass for its gradient: bytes, kept at the beginning of an array of the pool.

/** A borrowed array that the argument at `index` of an operation fits into. */
export const workspaceOf = (backend: OneDnnBackend, operation: Primitive, index: number): Float32Array =>
  backend.borrow(Math.ceil(operation.bytes(index) / Float32Array.BYTES_PER_ELEMENT));

/** The bytes of it that the argument is. */
export const bytesOf = (workspace: Float32Array, operation: Primitive, index: number): Uint8Array =>
  new Uint8Array(workspace.buffer, workspace.byteOffset, operation.bytes(index));
