/** A fenced code block: its language, and the file it is where the fence names one. */
export interface CodeBlock {
  readonly language: string;
  readonly file?: string;
  readonly code: string;
  /** Line of the page on which the code begins. */
  readonly line: number;
}

const FENCE = /^```(\w+)(?: \[([^\]\n]+)\])?\n([\s\S]*?)^```$/gm;

/** A fence in any form, indented too. */
const ANY_FENCE = /^[ \t]*(?:```|~~~).*$/gm;

/**
 * The code blocks of a page of Markdown, in order.
 * @throws Error naming the line of a fence of another form, which would be left out
 */
export function codeBlocks(page: string): CodeBlock[] {
  const lineOf = (at: number): number => page.slice(0, at).split('\n').length;
  const found = [...page.matchAll(FENCE)];
  const stray = [...page.matchAll(ANY_FENCE)].find(
    ({ index }) => !found.some((block) => index >= block.index && index < block.index + block[0].length),
  );
  if (stray)
    throw new Error(
      `line ${lineOf(stray.index)}: '${stray[0]}' begins no block that is known; expected \`\`\`language, or \`\`\`language [file]`,
    );
  return found.map(([, language = '', file, code = ''], at) => ({
    language,
    ...(file && { file }),
    code,
    line: lineOf(found[at]?.index ?? 0) + 1,
  }));
}
