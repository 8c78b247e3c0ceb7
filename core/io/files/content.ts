import type { FileContent } from '../../contracts/file.js';

/** The bytes of what a file is to hold, one part after another. */
export function partsOf(content: FileContent): Iterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content)];
  return 'parts' in content ? content.parts() : [content];
}

/** All bytes in one piece. */
export function wholeContent(content: FileContent): Uint8Array {
  if (content instanceof Uint8Array) return content;
  const whole = new Uint8Array(contentLength(content));
  let at = 0;
  for (const part of partsOf(content)) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes the file will have. */
export const contentLength = (content: FileContent): number =>
  typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
