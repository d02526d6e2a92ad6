// Text as it stands in the code, and as it stands in a file.

/** Takes the common indentation off, and the blank lines around. */
export function dedent(text: string): string {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n');
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin)).join('\n');
}

/** On lines of its own, two blanks further in. */
export function block(text: string): string {
  return `\n${indent(dedent(text))}\n`;
}

/** Each line two blanks further in. */
export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
