import test from 'ava';
import type { BlockGeometry } from '../../../core/contracts/index.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { perBlock } from '../../../plugins/search-spaces/per-block.js';

const block: BlockGeometry = {
  name: 'stage1',
  inChannels: 4,
  outChannels: 4,
  kernelSize: 3,
  stride: 1,
  groups: 1,
};

const exists =
  (geometry: BlockGeometry) =>
  (name: string): boolean => {
    const op = branchOps.find((candidate) => candidate.name === name);
    return op?.exists(geometry, op.options.parse({})) ?? false;
  };

const spaceOf = (given: object, geometry: BlockGeometry) =>
  perBlock.blockSpace(geometry, exists(geometry), perBlock.options.parse(given));

test('offers all seven ops unless told otherwise, as gates', (t) => {
  const { branches, always } = spaceOf({}, block);
  t.deepEqual([...branches].sort(), branchOps.map(({ name }) => name).sort());
  t.deepEqual(always, []);
});

test('leaves out what does not exist in a block', (t) => {
  const { branches } = spaceOf({}, { ...block, stride: 2 });
  t.is(branches.length, 6);
  t.false(branches.includes('identity'));
});

test('keeps the order of the config', (t) => {
  const branches = ['identity', 'conv-kxk', 'conv-1x1'];
  t.deepEqual(spaceOf({ branches }, block).branches, branches);
});

test('identity is kept outside the budget where asked to, and only where it exists', (t) => {
  t.deepEqual(spaceOf({ identity: 'kept' }, block).always, ['identity']);
  t.deepEqual(spaceOf({ identity: 'kept' }, { ...block, stride: 2 }).always, []);
});

test('hands the options of a branch op on', (t) => {
  const options = perBlock.options.parse({ branches: ['conv-kxk', { name: 'conv-1x1-kxk', innerWidth: 2 }] });
  t.deepEqual(perBlock.branchOps(options), [
    { name: 'conv-kxk', options: {} },
    { name: 'conv-1x1-kxk', options: { innerWidth: 2 } },
  ]);
});

test('refuses a branch listed twice, no branches, and an identity that is kept but not offered', (t) => {
  const problems = (given: object) => perBlock.options.safeParse(given).error?.issues.map(({ path }) => path.join('.'));
  t.deepEqual(problems({ branches: ['conv-kxk', 'conv-1x1', 'conv-kxk'] }), ['branches.2']);
  t.deepEqual(problems({ branches: [] }), ['branches']);
  t.deepEqual(problems({ branches: ['conv-kxk'], identity: 'kept' }), ['identity']);
  t.is(problems({ branches: ['conv-kxk', 'identity'], identity: 'kept' }), undefined);
});
