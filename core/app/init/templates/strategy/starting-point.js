// @ts-check
import { API_VERSION, definePlugin, defineStrategy } from 'repnas';
import { z } from 'zod';

const FROZEN = 'frozen';

/** Gives every block its best branch, then the best of what is left: as the importance estimator ranks them. */
export const strategy = defineStrategy({
  name: 'starting-point',
  summary: 'the best branch of every block, then the best of what is left',
  options: z.strictObject({
    noise: z.boolean().default(true).describe('whether branches are ranked with noise while searching'),
  }),
  usesImportance: true,
  usesBudget: true,

  // Together they fill the epochs of the config.
  phases: ({ warmUp, search, frozen }) => [
    { name: 'warm-up', epochs: warmUp, searches: false },
    { name: 'search', epochs: search, searches: true },
    { name: FROZEN, epochs: frozen, searches: false },
  ],

  start: ({ gates, spaces, budget, importance, random }, { noise }) => {
    /** @param {Float64Array} ranks */
    const choose = (ranks) => {
      const order = [...gates.keys()].sort((a, b) => Number(ranks[b]) - Number(ranks[a]) || a - b);
      const block = (/** @type {number} */ gate) => gates[gate]?.block;
      const bests = order.filter((gate) => order.find((other) => block(other) === block(gate)) === gate);
      const rest = order.filter((gate) => !bests.includes(gate));
      const mask = new Uint8Array(gates.length);
      for (const gate of [...bests, ...rest].slice(0, budget)) mask[gate] = 1;
      return mask;
    };

    const architecture = () => {
      const mask = choose(importance.rank());
      const kept = gates.filter((_, gate) => mask[gate] === 1);
      return Object.fromEntries(
        spaces.map(({ block, branches, always }) => [
          block,
          branches.filter(
            (branch) => always.includes(branch) || kept.some((gate) => gate.block === block && gate.branch === branch),
          ),
        ]),
      );
    };

    return {
      // Which branches the next step computes. Every random number comes from a stream of the run, by name and step.
      select: ({ phase, step }) => {
        const stream = noise && phase.name !== FROZEN ? random.stream('starting-point', step) : undefined;
        const ranks = importance.rank(stream);
        const mask = choose(ranks);
        const values = importance.values?.(ranks, mask);
        return { mask, ranks, ...(values && { values }) };
      },

      // After the backward pass of every step of a phase that searches.
      learn: ({ progress, phaseSteps }, { selection, gateGradients, parameters }) => {
        const { mask, ranks = new Float64Array(mask.length) } = selection;
        importance.learn({ ranks, mask, gateGradients, progress, phaseSteps, parameters });
      },

      // An architecture freezes the network: it trains on with these branches alone.
      beforePhase: async (phase) => (phase.name === FROZEN ? architecture() : undefined),
      architecture,

      // What a resumed run needs to go on as if nothing had happened. This strategy remembers nothing.
      save: () => ({ arrays: {}, values: {} }),
      restore: () => undefined,
    };
  },
});

export default definePlugin({
  name: 'repnas-plugin-starting-point',
  apiVersion: API_VERSION,
  setup: (host) => host.add('strategy', strategy),
});
