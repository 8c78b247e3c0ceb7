import { z } from 'zod';

/** Multiplies every channel count. */
export const width = z.number().positive().max(16).default(1);
