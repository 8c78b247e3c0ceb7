// Compiling this file is the test: what is marked as an error has to be one, and nothing else may be.
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';
import {
  API_VERSION,
  createRun,
  defineBranchOp,
  defineConfig,
  defineObserver,
  definePlugin,
  type NumberedEvent,
  type Plugin,
  type RunResult,
} from '../../plugins/entry.js';

// The options of built-in parts.
defineConfig({ backbone: { name: 'vgg', depth: 16, width: 0.5 } });
// @ts-expect-error: vgg has no option of this name
defineConfig({ backbone: { name: 'vgg', dept: 16 } });
// @ts-expect-error: and this one is a number
defineConfig({ backbone: { name: 'vgg', width: '0.5' } });
// @ts-expect-error: there is no such strategy
defineConfig({ strategy: 'repnass' });
// @ts-expect-error: a dataset is no backbone
defineConfig({ backbone: 'mnist' });

// A part as its name alone, the default part without its name, several parts, and what stands beside parts.
defineConfig({
  strategy: 'repnas',
  export: ['onnx', { name: 'tfjs' }],
  observers: ['csv'],
  baseline: false,
  engine: 'auto',
});
defineConfig({ importance: { learningRate: 0.01 } });
// @ts-expect-error: only the default part may leave its name out
defineConfig({ importance: { memory: 0.9 } });

// Branch ops within a search space, with their options.
defineConfig({ searchSpace: { branches: ['conv-kxk', { name: 'conv-1x1-kxk', innerWidth: 2 }] } });
// @ts-expect-error: there is no such option
defineConfig({ searchSpace: { branches: [{ name: 'conv-1x1-kxk', inerWidth: 2 }] } });

// null goes back to the default, at any depth.
defineConfig({ baseline: null, backbone: { name: 'vgg', width: null }, train: { optimizer: { momentum: null } } });

// A plugin that is listed as an object brings its parts.
const mine = defineBranchOp({
  name: 'conv-mine',
  summary: 'mine',
  options: z.strictObject({ dilation: z.int().default(2), mode: z.enum(['fast', 'exact']).default('fast') }),
  exists: (_, { dilation }) => dilation > 1,
  kernels: () => [],
  forward: (input) => input,
  fold: () => ({ kernel: { shape: [1, 1, 1, 1], data: new Float64Array(1) }, bias: new Float64Array(1) }),
  macs: () => 0,
});
const watcher = defineObserver({
  name: 'watcher',
  summary: 'watches',
  options: z.strictObject({ every: z.int() }),
  start: () => ({ next: () => undefined, complete: () => undefined }),
});
const plugin = definePlugin({
  name: 'repnas-plugin-mine',
  apiVersion: API_VERSION,
  setup: (host) => host.add('branch-op', mine).add('observer', watcher),
});
expectTypeOf(plugin).toEqualTypeOf<
  Plugin<
    unknown & {
      readonly 'branch-op': {
        readonly 'conv-mine': { dilation?: number | undefined; mode?: 'fast' | 'exact' | undefined };
      };
    } & { readonly observer: { readonly watcher: { every: number } } }
  >
>();
defineConfig({
  plugins: [plugin],
  searchSpace: { branches: ['conv-mine', { name: 'conv-mine', mode: 'exact' }] },
  observers: [{ name: 'watcher', every: 2 }, 'jsonl'],
});
// @ts-expect-error: no such mode
defineConfig({ plugins: [plugin], searchSpace: { branches: [{ name: 'conv-mine', mode: 'slow' }] } });
// @ts-expect-error: nothing brings it
defineConfig({ searchSpace: { branches: ['conv-mine'] } });

// What is listed by name may bring any part; the built-in presets bring none.
defineConfig({ plugins: ['repnas-plugin-theirs'], strategy: { name: 'theirs', anything: 1 } });
defineConfig({ extends: 'theirs', strategy: 'theirs' });
// @ts-expect-error: neither brings it
defineConfig({ extends: ['repnas:quickstart'], plugins: [plugin], strategy: 'theirs' });
// @ts-expect-error: a key of no config
defineConfig({ extends: 'theirs', stratgey: 'repnas' });

// A plugin that says nothing of its parts is a plugin all the same.
const silent = definePlugin({
  name: 'silent',
  apiVersion: API_VERSION,
  setup: (host) => {
    host.add('branch-op', mine);
  },
});
expectTypeOf(silent).toExtend<Plugin>();
// @ts-expect-error: an observer is no branch op
definePlugin({ name: 'wrong', apiVersion: API_VERSION, setup: (host) => host.add('branch-op', watcher) });

// A run: its events are a discriminated union, its result is typed.
const run = () => createRun('repnas:quickstart', { signal: new AbortController().signal });
expectTypeOf(run).returns.toHaveProperty('done').resolves.toEqualTypeOf<RunResult>();
expectTypeOf(run).returns.toHaveProperty('events$').toHaveProperty('subscribe').toBeFunction();
expectTypeOf<Extract<NumberedEvent, { type: 'step' }>['loss']>().toEqualTypeOf<number>();
