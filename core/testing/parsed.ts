import { z } from 'zod';
import type { Part } from '../contracts/part.js';

/** Options of a part as a config gives them, with defaults; parsed when they are asked for. */
export function parsed<Options>(part: Part<Options>, given: object = {}): () => Options {
  return () => {
    const { success, data, error } = part.options.safeParse(given);
    if (success) return data;
    throw new Error(`its options schema refuses ${JSON.stringify(given)}: ${z.prettifyError(error)}`);
  };
}
