import { test } from 'node:test';
import { testBranchOp } from 'repnas/testing';
import { op } from './starting-point.js';

// It folds, its gradients are right, it costs what it says, its state survives: on random blocks of every kind.
for (const options of [{}, { dilation: 2 }]) {
  for (const { name, check } of testBranchOp(op, { options })) {
    test(`${name}, with ${JSON.stringify(options)}`, () => check());
  }
}
