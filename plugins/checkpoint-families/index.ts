import { FAMILIES } from '../../core/io/import/families.js';

/** The families of blocks that published checkpoints are recognised by. They are data, which core has in one table. */
export const checkpointFamilies = FAMILIES;
