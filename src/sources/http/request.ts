// One request of the YAML, taken apart once; secrets and kept values are filled in at each probe.

import type { SourceContext } from '../kind.js';
import { SourceError } from '../kind.js';
import type { Secret } from '../../domain/secret.js';
import { isHeaderValue } from './header.js';
import type { BodyOptions, Method } from './schema-request.js';
import type { StepOptions } from './schema.js';
import { withoutValues } from './request-url.js';
import { inUrl, jsonTemplate, Template, type Values } from './template.js';

/** What is to be sent; a redirect changes it. */
export interface Outgoing {
  readonly url: URL;
  readonly method: Method;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

type Read = SourceContext['readSecret'];
type Fill<T> = (values: Values, hide: (secret: string) => void) => T | Promise<T>;

export interface RequestTemplate {
  /** With the names of values in it where it has some: for pages and for what never changes, the host. */
  readonly url: URL;
  readonly method: Method;
  render(values: Values, hide: (secret: string) => void): Outgoing | Promise<Outgoing>;
}

const COMMON = { accept: '*/*', 'user-agent': 'Vigie' } as const;

export function requestTemplate({ url, method = 'GET', headers = {}, body }: StepOptions, read: Read): RequestTemplate {
  const address = new Template(url, inUrl);
  const fixed: Record<string, string> = { ...COMMON, ...contentType(body) };
  const filled: [string, Fill<string>][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const template = typeof value === 'string' ? new Template(value) : undefined;
    if (template?.isConstant) fixed[name.toLowerCase()] = template.fill();
    else filled.push([name, template ? (values) => template.fill(values) : async (_values, hide) => await secretText(value, read, hide)]);
  }
  const content = bodyTemplate(body, read);
  const shown = new URL(new Template(url, (name) => name).isConstant ? address.fill() : withoutValues(url));
  if (address.isConstant && filled.length === 0 && !content.fill) {
    const outgoing: Outgoing = { url: shown, method, headers: fixed, body: content.constant };
    return { url: shown, method, render: () => outgoing };
  }
  const render = async (values: Values, hide: (secret: string) => void): Promise<Outgoing> => {
    const own: Record<string, string> = { ...fixed };
    for (const [name, fill] of filled) own[name.toLowerCase()] = checked(name, await fill(values, hide));
    const text = content.fill ? await content.fill(values, hide) : undefined;
    const target = address.isConstant ? shown : new URL(address.fill(values));
    return { url: target, method, headers: own, body: text === undefined ? content.constant : Buffer.from(text) };
  };
  return { url: shown, method, render };
}

function contentType(body: BodyOptions | undefined): Record<string, string> {
  if (typeof body !== 'object') return {};
  return { 'content-type': 'json' in body ? 'application/json' : 'application/x-www-form-urlencoded' };
}

interface Content {
  readonly constant: Buffer | undefined;
  readonly fill?: Fill<string>;
}

function bodyTemplate(body: BodyOptions | undefined, read: Read): Content {
  if (body === undefined) return { constant: undefined };
  if (typeof body === 'string') {
    const template = new Template(body);
    if (template.isConstant) return { constant: Buffer.from(template.fill()) };
    return { constant: undefined, fill: (values) => template.fill(values) };
  }
  if ('json' in body) {
    const template = jsonTemplate(body.json);
    return { constant: undefined, fill: (values) => JSON.stringify(template(values)) };
  }
  const fields = Object.entries(body.form).map(([name, value]) => [name, typeof value === 'string' ? new Template(value) : value] as const);
  return {
    constant: undefined,
    fill: async (values, hide) => {
      const form = new URLSearchParams();
      for (const [name, value] of fields) {
        form.append(name, value instanceof Template ? value.fill(values) : await secretText(value, read, hide));
      }
      return form.toString();
    },
  };
}

async function secretText(secret: Secret, read: Read, hide: (secret: string) => void): Promise<string> {
  const text = await read(secret);
  hide(text);
  return text;
}

function checked(name: string, value: string): string {
  if (!isHeaderValue(value)) throw new SourceError('secret', 'secret', `header ${name}: holds what no header may, a line break say`);
  return value;
}
