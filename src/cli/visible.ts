// Text from elsewhere as a terminal may show it: nothing in it moves the cursor, ends the line or hides what stands beside it.

/** Controls, format characters (which may turn the direction of a line), halves of pairs, and separators of lines. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** The pictures that Unicode has for control characters begin here: https://www.unicode.org/charts/PDF/U2400.pdf */
const PICTURES = 0x2400;
const DELETE = 0x7f;
const PICTURE_OF_DELETE = '\u2421';

/** Control characters as their pictures (␛, ␊), all else that cannot be seen by its number (‹U+202E›). */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(PICTURES + code);
    if (code === DELETE) return PICTURE_OF_DELETE;
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

/** The same for a text whose ends of lines are meant. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
