import test from 'ava';
import type { Strategy, StrategySession } from '../../../core/contracts/index.js';
import { checkLaws, LawError, testStrategy } from '../../../core/testing/index.js';
import { random } from '../../../plugins/strategies/random.js';
import { repnas } from '../../../plugins/strategies/repnas.js';

async function verdict(strategy: Strategy): Promise<string> {
  const error = await checkLaws(testStrategy(strategy)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof LawError ? error.message : `no broken law: ${error}`;
}

/** A strategy whose sessions differ from those of another one. */
const changed = (
  from: Strategy,
  change: (session: StrategySession, gates: number) => Partial<StrategySession>,
): Strategy => ({
  ...from,
  start: (context, options) => {
    const session = from.start(context, options);
    return { ...session, ...change(session, context.gates.length) };
  },
});

test.serial('a strategy that draws from nowhere is told at the event that shows it', async (t) => {
  let calls = 0;
  const unseeded = changed(repnas as Strategy, (session, gates) => ({
    select: (position) => {
      const { mask } = session.select(position);
      // Two runs in one process are not to see what the other did.
      return { mask, values: Float64Array.from({ length: gates }, () => 1 + 0.01 * calls++) };
    },
  }));
  t.regex(
    await verdict(unseeded),
    /broken law: gives the same run for the same seed.*\n {2}two runs with seed 1 differ: event \d+ is /,
  );
});

test.serial('one that ignores its budget is told with the step and the smallest budget', async (t) => {
  const greedy = changed(repnas as Strategy, (_, gates) => ({
    select: () => ({ mask: new Uint8Array(gates).fill(1) }),
  }));
  t.regex(
    await verdict(greedy),
    /broken law: keeps its budget.*\n {2}step \d+ computes \d+ branches with a budget of 3 of \d+ gates/,
  );
});

test.serial('one that forgets its state is told with the step after which it was stopped', async (t) => {
  const forgetful = changed(repnas as Strategy, (session, gates) => {
    let steps = 0;
    return {
      select: (position) => {
        const { mask } = session.select(position);
        return { mask, values: new Float64Array(gates).fill(1 + 0.1 * steps++) };
      },
    };
  });
  t.regex(
    await verdict(forgetful),
    /broken law: ends the same.*\n {2}stopped after step 1 of 9 and resumed, it differs: \S+ has other bytes/,
  );
});

test.serial('one whose phases lose epochs, and one that passes', async (t) => {
  const short: Strategy = {
    ...(random as Strategy),
    phases: ({ search }) => [{ name: 'train', epochs: search, searches: false }],
  };
  t.regex(
    await verdict(short),
    /its phases have 1 epochs for epochs \{"warmUp":1,"search":1,"frozen":1\}, which are 3/,
  );
  t.is(await verdict(random as Strategy), 'no broken law: undefined');
});
