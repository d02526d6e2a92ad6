// The replies of a mail server (RFC 5321, section 4.2), and what it offers.

import type { Conversation } from '../endpoints/conversation.js';
import { ProbeError } from '../endpoints/reasons.js';

/** A reply of more lines is none of a mail server. */
const MOST_LINES = 100;

export interface Reply {
  readonly code: number;
  /** Without codes. */
  readonly lines: readonly string[];
}

/** @throws ProbeError `protocol` where it is no reply */
export async function readReply(conversation: Conversation): Promise<Reply> {
  const lines: string[] = [];
  for (;;) {
    const line = await conversation.line();
    const { code, more, text = '' } = /^(?<code>[2-5]\d\d)(?:(?<more>[ -])(?<text>.*))?$/.exec(line)?.groups ?? {};
    if (code === undefined) throw new ProbeError('protocol', 'what answers is no SMTP');
    lines.push(text);
    if (more !== '-') return { code: Number(code), lines };
    if (lines.length >= MOST_LINES) throw new ProbeError('protocol', `a reply of more than ${MOST_LINES} lines`);
  }
}

/** Keywords in upper case, with their parameters. */
export type Extensions = ReadonlyMap<string, readonly string[]>;

/** Of the reply to EHLO, whose first line is a greeting (RFC 5321, section 4.1.1.1). */
export function extensionsOf({ lines }: Reply): Extensions {
  return new Map(
    lines.slice(1).map((line) => {
      // Old servers write AUTH=LOGIN.
      const [keyword = '', ...parameters] = line
        .trim()
        .toUpperCase()
        .split(/[\s=]+/);
      return [keyword, parameters];
    }),
  );
}
