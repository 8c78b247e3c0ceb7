import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { configOf, type Setting } from './modes.js';

const MAIN = fileURLToPath(new URL('../../core/app/cli/main.js', import.meta.url));
const NAME = 'first-step';
/** Milliseconds between looks at the run's events. */
const LOOK = 10;

/** Milliseconds from the command `repnas run` to the end of its first training step. */
export async function timeToFirstStep(setting: Setting, engine: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'repnas-bench-'));
  const config = join(folder, 'config.json');
  const common = { observers: ['jsonl'], out: folder, export: [], engine };
  writeFileSync(config, JSON.stringify({ ...configOf(setting, 'auto', 4), ...common }));
  const began = performance.now();
  const args = [MAIN, 'run', config, '--name', NAME];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let running = true;
  void ended.then(() => {
    running = false;
  });
  try {
    const events = join(folder, NAME, 'events.jsonl');
    while (!(existsSync(events) && readFileSync(events, 'utf8').includes('"type":"step"'))) {
      if (!running) throw new Error(`the run ended before its first step:\n${errors.trim()}`);
      await setTimeout(LOOK);
    }
    return performance.now() - began;
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
