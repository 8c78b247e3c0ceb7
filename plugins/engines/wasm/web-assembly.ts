/** What is used of WebAssembly's JavaScript interface; TypeScript declares it only together with the browser's. */
interface WebAssemblyInterface {
  validate(bytes: Uint8Array): boolean;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
