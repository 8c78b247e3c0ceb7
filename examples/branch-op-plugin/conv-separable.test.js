import { test } from 'node:test';
import { testBranchOp } from 'repnas/testing';
import { separable } from './conv-separable.js';

for (const { name, check } of testBranchOp(separable, { runs: 20 })) test(name, check);
