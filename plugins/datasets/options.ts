import { z } from 'zod';

/** A file or folder; a relative one starts at the folder of the file that names the dataset. */
export const path = z.string().min(1);

/** Use only the first images of each part. */
export const limit = z
  .strictObject({ train: z.int().positive().optional(), test: z.int().positive().optional() })
  .default({});
