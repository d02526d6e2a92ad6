// The steps of a dialogue, as the YAML has them, made ready to be taken.

import type { Secret } from '../../domain/secret.js';
import { Pattern } from '../endpoints/pattern.js';
import type { EndpointOptions, StepOptions } from './schema.js';

/** `^` and `$` are the begin and end of each line, as people read what a server says. */
export const EXPECT_FLAGS = 'm';

export type Part = { readonly text: string } | { readonly capture: string } | { readonly secret: Exclude<Secret, string> };

export type Step =
  | { readonly does: 'expect'; readonly wanted: Pattern; readonly refusal: Pattern | undefined }
  | { readonly does: 'send'; readonly parts: readonly Part[] }
  | { readonly does: 'send_hex'; readonly bytes: Buffer }
  | { readonly does: 'starttls' };

export function stepsOf({ dialogue = [] }: EndpointOptions): readonly Step[] {
  return dialogue.map(stepOf);
}

function stepOf({ expect, unless, send, send_hex: hex }: StepOptions): Step {
  if (expect !== undefined) {
    const refusal = unless === undefined ? undefined : new Pattern(unless, EXPECT_FLAGS);
    return { does: 'expect', wanted: new Pattern(expect, EXPECT_FLAGS), refusal };
  }
  if (send !== undefined) return { does: 'send', parts: partsOf(send) };
  if (hex !== undefined) return { does: 'send_hex', bytes: Buffer.from(hex.replaceAll(/\s/g, ''), 'hex') };
  return { does: 'starttls' };
}

export function partsOf(send: NonNullable<StepOptions['send']>): readonly Part[] {
  const pieces = Array.isArray(send) ? send : [send];
  return pieces.flatMap((piece): readonly Part[] => (typeof piece === 'string' ? textParts(piece) : [{ secret: piece }]));
}

/** `${name}` is a capture, `$${name}` the text itself. */
function textParts(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$?\$\{(?<name>[A-Za-z_$][\w$]*)\}/g)) {
    const isEscaped = match[0].startsWith('$$');
    parts.push({ text: text.slice(from, match.index) });
    parts.push(isEscaped ? { text: match[0].slice(1) } : { capture: match.groups?.['name'] ?? '' });
    from = match.index + match[0].length;
  }
  return [...parts, { text: text.slice(from) }].filter((part) => !('text' in part) || part.text !== '');
}

export function secretsOf(step: Step): readonly Exclude<Secret, string>[] {
  return step.does === 'send' ? step.parts.flatMap((part) => ('secret' in part ? [part.secret] : [])) : [];
}

/**
 * The steps that log in: from the first one that sends a secret to the first expectation after the last of them.
 * @returns their positions, the last one included; undefined where no secret is sent
 */
export function loginOf(steps: readonly Step[]): { readonly first: number; readonly last: number } | undefined {
  const sending = steps.flatMap((step, index) => (secretsOf(step).length > 0 ? [index] : []));
  const [first] = sending;
  const lastSending = sending.at(-1);
  if (first === undefined || lastSending === undefined) return undefined;
  const last = steps.findIndex((step, index) => index > lastSending && step.does === 'expect');
  return { first, last: last < 0 ? lastSending : last };
}
