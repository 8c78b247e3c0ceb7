/** A fenced code block: its language, and the file it is where the fence names one. */
export interface CodeBlock {
  readonly language: string;
  readonly file?: string;
  readonly code: string;
  /** Line of the page on which the code begins. */
  readonly line: number;
}

const FENCE = /^```(\w+)(?: \[([^\]\n]+)\])?\n([\s\S]*?)^```$/gm;

/** The code blocks of a page of Markdown, in order. */
export const codeBlocks = (page: string): CodeBlock[] =>
  [...page.matchAll(FENCE)].map(([, language = '', file, code = ''], index) => {
    const at = [...page.matchAll(FENCE)][index]?.index ?? 0;
    return { language, ...(file && { file }), code, line: page.slice(0, at).split('\n').length + 1 };
  });
