import { test } from 'node:test';
import { testDataset } from 'repnas/testing';
import { dataset } from './starting-point.js';

// Shapes, labels and statistics fit together, and an image is the same whenever it is read.
for (const { name, check } of testDataset(dataset, { options: { train: 40, test: 20 } })) test(name, () => check());
