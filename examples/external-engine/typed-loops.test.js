import { test } from 'node:test';
import { testEngine } from 'repnas/testing';
import { typedLoops } from './typed-loops.js';

// One after the other, in this order: the first starts the engine, the last stops it.
for (const { name, check } of testEngine(typedLoops)) test(name, check);
