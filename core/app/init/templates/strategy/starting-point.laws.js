import { test } from 'node:test';
import { testStrategy } from 'repnas/testing';
import { strategy } from './starting-point.js';

// The same seed gives the same run, the budget holds, a resumed run ends as one that was not stopped.
for (const { name, check } of testStrategy(strategy)) test(name, () => check());
