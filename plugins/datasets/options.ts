import { z } from 'zod';

export const path = z
  .string()
  .min(1)
  .describe('a folder; a relative one starts at the folder of the file that names the dataset');

export const limit = z
  .strictObject({
    train: z.int().positive().optional().describe('use only the first training images'),
    test: z.int().positive().optional().describe('use only the first test images'),
  })
  .default({});
