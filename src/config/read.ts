// From bytes to text: the YAML must be UTF-8, and where it is not, the first bad byte is named by line and column.

/** Reads a whole file. @throws a NodeJS.ErrnoException */
export type ReadFile = (path: string) => Promise<Uint8Array>;

export interface TextProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const BOM = '\uFEFF';
const REPLACEMENT = '\uFFFD';

/** Decodes strictly; a byte order mark is left out. @returns the text, or what is wrong with the bytes. */
export function decodeText(bytes: Uint8Array): string | TextProblem {
  if (looksLikeUtf16(bytes)) return { line: 1, column: 1, message: 'the file is UTF-16: save it as UTF-8' };
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const bad = firstReplaced(text, bytes);
  if (bad) {
    const byte = `0x${(bytes[bad.byte] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
    return { ...lineAndColumn(text, bad.index), message: `the byte ${byte} is not UTF-8 (is the file Latin-1?): save it as UTF-8` };
  }
  const nul = text.indexOf('\0');
  if (nul !== -1) return { ...lineAndColumn(text, nul), message: 'a NUL character: the file is damaged, or no text at all' };
  return text.startsWith(BOM) ? text.slice(1) : text;
}

/** Why a file could not be read, for people. */
export function readFailure(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'this is a folder, not a file';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read the file';
    default:
      return `the file cannot be read${code ? ` (${code})` : ''}`;
  }
}

/** A byte order mark, or a NUL as every second byte of the beginning. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return (first === 0 && second !== 0 && third === 0) || (first !== 0 && second === 0 && third !== 0 && fourth === 0);
}

/** The decoder puts U+FFFD where bytes are wrong; one that the author wrote has the bytes EF BF BD. */
function firstReplaced(text: string, bytes: Uint8Array): { index: number; byte: number } | undefined {
  let byte = 0;
  let from = 0;
  for (let index = text.indexOf(REPLACEMENT); index !== -1; index = text.indexOf(REPLACEMENT, index + 1)) {
    byte += Buffer.byteLength(text.slice(from, index));
    if (bytes[byte] !== 0xef || bytes[byte + 1] !== 0xbf || bytes[byte + 2] !== 0xbd) return { index, byte };
    from = index;
  }
  return undefined;
}

function lineAndColumn(text: string, index: number): { line: number; column: number } {
  const before = (text.startsWith(BOM) ? text.slice(1, index) : text.slice(0, index)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
