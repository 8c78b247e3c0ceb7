import { z } from 'zod';
import { isPlainName } from '../../core/io/files/index.js';

export const path = z
  .string()
  .min(1)
  .describe('a folder; a relative one starts at the folder of the file that names the dataset');

/** A name within a data set's folder, or a path below it: what a config names there stays there. */
export const inside = z
  .string()
  .min(1)
  .refine((name) => name.split('/').every(isPlainName), { error: 'a name within the folder, without .. or a root' });

export const limit = z
  .strictObject({
    train: z.int().positive().optional().describe('use only the first training images'),
    test: z.int().positive().optional().describe('use only the first test images'),
  })
  .default({});
