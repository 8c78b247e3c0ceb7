/** What is used of WebAssembly's JavaScript interface; TypeScript declares it only together with the browser's. */
interface WebAssemblyInterface {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => WebAssemblyModule;
  readonly Instance: new (
    module: WebAssemblyModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown };
}

/** Compiled code, ready to be instantiated. */
export type WebAssemblyModule = { readonly [Symbol.toStringTag]: string };

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
