import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { cpu } from '../../plugins/engines/cpu.js';
import { temporaryFolder } from '../folders/temporary.js';
import { NO_PYTORCH, pythonWith } from '../pytorch/pytorch.js';
import { goldenCases } from './cases.js';
import { checkCase } from './check.js';

const python = pythonWith('torch');
const title =
  'search steps of one to twelve layers, and branch ops of other sizes and groups, are those that PyTorch computes';

if (!python) test.skip(`${title} (${NO_PYTORCH})`, () => undefined);
else
  test(title, async (t) => {
    const folder = temporaryFolder(t);
    execFileSync(python, [join('test', 'golden', 'independent.py'), folder]);
    await cpu.start({});
    const cases = goldenCases(folder);
    for (const { golden } of cases) await checkCase(t, golden);
    t.log(`${cases.length} cases`);
    t.true(cases.length > 0);
  });
