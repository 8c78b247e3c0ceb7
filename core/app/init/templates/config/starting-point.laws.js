import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from 'repnas';

test('the config is right, and says what it is meant to', async () => {
  const { config } = await loadConfig('repnas.config.ts');
  assert.equal(config.strategy.name, 'shrink');
  assert.equal(config.backbone.name, 'repvgg');
  assert.deepEqual(config.budget, { keptRatio: 0.4 });
});
