declare const html: unique symbol;

/** A piece of HTML. The type keeps texts that nobody escaped out of it. */
export type Html = string & { readonly [html]: true };

/** A text as HTML, between tags or in an attribute. */
export const escaped = (text: string): Html =>
  trusted(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'));

/** HTML that somebody else made: a picture, a style sheet. */
export const trusted = (source: string): Html => source as Html;

/** HTML with pieces put in; lists are joined. */
export const markup = (parts: TemplateStringsArray, ...values: readonly (number | Html | readonly Html[])[]): Html =>
  trusted(String.raw({ raw: parts }, ...values.map((value) => (Array.isArray(value) ? value.join('') : value))));
