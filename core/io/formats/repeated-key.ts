/**
 * The first name that a JSON object has twice at its outermost level; JSON.parse would keep the last without a word, and two programs
 * could read two different files of one.
 *
 * @param bytes of JSON that is known to be whole
 */
export function repeatedKey(bytes: Uint8Array): string | undefined {
  const [quote, backslash, colon, openers, closers] = [0x22, 0x5c, 0x3a, [0x5b, 0x7b], [0x5d, 0x7d]];
  const seen = new Set<string>();
  let level = 0;
  let start = -1;
  let last = '';
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (start >= 0) {
      if (byte === backslash) at++;
      else if (byte === quote) {
        if (level === 1) last = JSON.parse(new TextDecoder().decode(bytes.subarray(start, at + 1))) as string;
        start = -1;
      }
    } else if (byte === quote) start = at;
    else if (openers.includes(byte)) level++;
    else if (closers.includes(byte)) level--;
    else if (byte === colon && level === 1) {
      if (seen.has(last)) return last;
      seen.add(last);
    }
  }
  return undefined;
}
