// Names in `${…}`: each must be a value of the endpoint, or something that an earlier step keeps.

import { suggest } from '../../domain/suggest.js';
import type { ConfigPath, Problem } from '../kind.js';
import type { EndpointOptions, StepOptions } from './schema.js';
import { namesIn } from './template.js';

type Asked = Pick<StepOptions, 'headers' | 'body'> & { readonly url?: string };

export function nameProblems(endpoint: EndpointOptions): Problem[] {
  const values = Object.keys(endpoint.values ?? {});
  if (!endpoint.steps) return unknownNames(endpoint, [], values);
  const problems: Problem[] = [];
  const known = new Set(values);
  for (const [index, step] of endpoint.steps.entries()) {
    problems.push(...unknownNames(step, ['steps', index], [...known]));
    for (const name of Object.keys(step.keep ?? {})) {
      if (values.includes(name)) {
        problems.push({
          path: ['steps', index, 'keep', name],
          message: `"${name}" stands in \`values\` too; give one of them another name`,
        });
      }
      known.add(name);
    }
  }
  return problems;
}

function unknownNames({ url, headers = {}, body }: Asked, at: ConfigPath, known: readonly string[]): Problem[] {
  const texts: [ConfigPath, unknown][] = [
    [['url'], url],
    ...Object.entries(headers).map(([name, value]): [ConfigPath, unknown] => [['headers', name], value]),
  ];
  if (typeof body === 'string') texts.push([['body'], body]);
  else if (body && 'json' in body) texts.push([['body', 'json'], body.json]);
  else if (body) texts.push(...Object.entries(body.form).map(([name, value]): [ConfigPath, unknown] => [['body', 'form', name], value]));
  return texts.flatMap(([path, text]) => {
    // A secret by reference is no template.
    if (path[0] !== 'body' && typeof text !== 'string') return [];
    if (path[1] === 'form' && typeof text !== 'string') return [];
    return namesIn(text)
      .filter((name) => !known.includes(name))
      .map((name) => ({ path: [...at, ...path], message: unknown(name, known) }));
  });
}

function unknown(name: string, known: readonly string[]): string {
  const hint = known.length === 0 ? '' : suggest(name, known);
  return `no value \${${name}}${hint}: keep it in an earlier step, or name it in \`values\`; a plain \${ is written $\${`;
}
