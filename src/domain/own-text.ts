// Texts that are kept for longer than what they were cut out of.

/** V8 makes a text that is cut out of another a view of it from so many characters on. */
const VIEW_FROM = 13;

/** The text, well formed, with memory of its own: a view would keep alive the whole piece of a log that it was cut out of. */
export function ownText(text: string): string {
  return text.length < VIEW_FROM ? text.toWellFormed() : Buffer.from(text).toString();
}
