import { existsSync } from 'node:fs';
import type { Engine, EngineProbe } from '../../../core/contracts/index.js';
import { engines } from '../../../plugins/engines/index.js';

// Chromium's software driver for Vulkan, where the machine names no other.
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (!process.env['VK_ICD_FILENAMES'] && existsSync(SWIFTSHADER)) process.env['VK_ICD_FILENAMES'] = SWIFTSHADER;

/** Options under which as many machines as can be run an engine: slow drivers will do for a test. */
export const OPTIONS: Readonly<Record<string, object>> = { webgpu: { software: true } };

export const optionsOf = ({ name, options }: Engine): unknown => options.parse(OPTIONS[name] ?? {});

/** Every engine there is, and whether this machine can run it, or why it cannot. */
export const examined = (): Promise<{ readonly engine: Engine; readonly probe: EngineProbe }[]> =>
  Promise.all(
    (engines as readonly Engine[]).map(async (engine) => ({ engine, probe: await engine.probe(optionsOf(engine)) })),
  );
