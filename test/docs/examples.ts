// Takes the examples out of the documentation, so that a test can run every one of them.

import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';

export interface Example {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  /** What stands behind the language; it is not shown. */
  readonly info: string;
  readonly text: string;
}

/** The fenced blocks of README.md and docs/. A block may be indented (in a list); its indentation is taken off. */
export function examples(root: string): Example[] {
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].toSorted();
  return pages.flatMap((file) => blocks(file, readFileSync(`${root}/${file}`, 'utf8')));
}

/** Whether a block holds rules of Prometheus, and no configuration of Vigie. */
export function isRules({ language, text }: Example): boolean {
  return language === 'yaml' && text.startsWith('groups:');
}

function blocks(file: string, page: string): Example[] {
  const found: Example[] = [];
  const lines = page.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const fence = /^(?<indent> *)```(?<language>\w*) *(?<info>.*)/.exec(lines[index] ?? '');
    if (!fence) continue;
    const indent = fence.groups?.['indent']?.length ?? 0;
    const start = index + 1;
    while (++index < lines.length && !/^ *```$/.test(lines[index] ?? ''));
    const text = lines.slice(start, index).map((line) => line.slice(indent));
    const { language = '', info = '' } = fence.groups ?? {};
    found.push({ file, line: start + 1, language, info, text: `${text.join('\n')}\n` });
  }
  return found;
}
