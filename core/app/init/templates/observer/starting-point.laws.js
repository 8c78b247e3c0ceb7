import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testObserver } from 'repnas/testing';
import { observer } from './starting-point.js';

// It takes every kind of event, also in a run that is resumed; then its file is looked at.
const look = (folder) => {
  const found = JSON.parse(readFileSync(join(folder, 'accuracies.json'), 'utf8'));
  assert.deepEqual(
    found.map(({ of, accuracy }) => [of, accuracy]),
    [
      ['multi-branch', 0.5],
      ['fused', 0.5],
    ],
  );
};

for (const { name, check } of testObserver(observer, { look })) test(name, () => check());
