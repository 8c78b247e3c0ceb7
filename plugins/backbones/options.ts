import { z } from 'zod';

export const width = z.number().positive().max(16).default(1).describe('multiplies every channel count');
