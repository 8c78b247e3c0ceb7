// Compiles the AssemblyScript of the wasm engine, unless that was done since it last changed.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const source = 'plugins/engines/wasm/native/channels.ts';
const target = 'dist/plugins/engines/wasm/native/channels.wasm';

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changed(target) < Math.max(changed(source), changed(import.meta.filename))) {
  const { main } = await import('assemblyscript/asc');
  mkdirSync(dirname(target), { recursive: true });
  const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--use', 'abort=', '--importMemory'];
  const { error, stderr } = await main([source, '-o', target, ...options]);
  if (error) {
    console.error(`${stderr.toString()}${error.message}`);
    process.exitCode = 1;
  }
}
