// How the YAML says which host key a server may show: the same for every kind that speaks SSH.

import type { FromSchema } from 'json-schema-to-ts';

const fingerprint = {
  type: 'string',
  description: 'SHA-256 fingerprint of a host key, as `ssh-keygen -lf` and `ssh-keyscan … | ssh-keygen -lf -` print it.',
  examples: ['SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg'],
} as const;

export const hostKeySchema = {
  anyOf: [
    fingerprint,
    { type: 'array', items: fingerprint, minItems: 1, description: 'Several fingerprints, any of which is accepted.' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['known_hosts'],
      properties: {
        known_hosts: {
          type: 'string',
          minLength: 1,
          description: 'File in the format of OpenSSH’s known_hosts (hashed names and @revoked included); read at each connect.',
        },
      },
    },
  ],
  description: 'How the server proves that it is the right one. Required: without it, any server could take its place.',
  examples: ['SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg', { known_hosts: '/etc/ssh/ssh_known_hosts' }],
} as const;

export type HostKeyOptions = FromSchema<typeof hostKeySchema>;
