/** Ctrl-C, or a request to end: the first stops after the running step, the second at once. Gives the signal, and its end. */
export function onInterrupt(): { readonly signal: AbortSignal; exitCode(): number; release(): void } {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const codes: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };
  const stop = (name: NodeJS.Signals): void => {
    if (received) process.exit(codes[name]);
    received = name;
    process.stderr.write('\nstopping after the running step; once more to stop at once\n');
    controller.abort();
  };
  for (const name of Object.keys(codes) as NodeJS.Signals[]) process.on(name, stop);
  return {
    signal: controller.signal,
    exitCode: () => (received ? (codes[received] ?? 130) : 130),
    release: () => {
      for (const name of Object.keys(codes) as NodeJS.Signals[]) process.off(name, stop);
    },
  };
}
