// The YAML of an ftp source. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { exchangeProperties } from '../exchanges/index.js';
import { tlsSchema, type TlsOptions } from '../endpoints/tls.js';
import { common, secret } from '../schema.js';

const TLS_MODES = ['explicit', 'implicit', 'none'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export const DEFAULT_PORT = 21;
/** https://www.iana.org/assignments/service-names-port-numbers: ftps */
export const IMPLICIT_PORT = 990;
/** One for a directory that hangs, one for the others. */
export const DEFAULT_CONNECTIONS = 2;

/** What looks at the certificates of the server is called so, among the directories. */
export const CERTIFICATE_COLLECTOR = 'certificate';

const mode = {
  enum: TLS_MODES,
  description:
    'explicit (the default) begins in clear text and asks for TLS before the login (AUTH TLS), implicit speaks TLS from the first byte, none sends everything in clear text, the password too.',
} as const;

const SUMMARY = 'Files that wait in the directories of an FTP or FTPS server, and how long.';

export const ftpSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'host', 'user', 'password'],
  description: SUMMARY,
  properties: {
    ...common,
    kind: { const: 'ftp', description: SUMMARY },
    host: { type: 'string', minLength: 1, description: 'Name or address of the server.', examples: ['ftp.example.org'] },
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'Its port. Default 21; 990 where TLS is implicit.' },
    user: { type: 'string', minLength: 1, description: 'The account; one that may only list is enough.', examples: ['vigie'] },
    password: { ...secret, description: 'Its password: { env: NAME } or { file: path }; read at each login.' },
    tls: {
      anyOf: [
        mode,
        {
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          properties: { mode, ...tlsSchema.properties },
          description: 'The way of TLS, how the certificate of the server is checked, and what we show of ourselves.',
        },
      ],
      description: 'Whether and how the connection is secured. Default explicit, with the authorities of the system.',
      examples: ['implicit', { ca: 'tls/partners-ca.pem' }],
    },
    data_address: {
      type: 'string',
      minLength: 1,
      description:
        'Where data channels lead: control (the default: the address of the server itself, whatever it announces, which is right behind NAT), announced (what it announces in its answer to PASV), or an address of yours.',
      examples: ['announced', '192.0.2.17'],
    },
    list: {
      enum: ['auto', 'mlsd', 'list'],
      description:
        'How directories are listed: mlsd is exact, list is for people and has times by the minute. Default auto: mlsd where the server offers it.',
    },
    server_timezone: {
      type: 'string',
      minLength: 1,
      description: 'Time zone of the times in listings that are no MLSD, which are always in UTC. Default UTC.',
      examples: ['Europe/Zurich'],
    },
    encoding: { enum: ['utf8', 'latin1'], description: 'How the server encodes names of files. Default utf8.' },
    connections: {
      type: 'integer',
      minimum: 1,
      maximum: 8,
      description:
        'Most connections at a time; each does one thing after the other, so that a directory that hangs needs one of its own. Default 2.',
    },
    ...exchangeProperties,
  },
} as const;

export type FtpOptions = FromSchema<typeof ftpSchema>;

/** What the YAML says of TLS, in one shape. */
export function tlsOf({ tls }: Pick<FtpOptions, 'tls'>): { readonly mode: TlsMode; readonly trust: TlsOptions | undefined } {
  if (tls === undefined) return { mode: 'explicit', trust: undefined };
  if (typeof tls === 'string') return { mode: tls, trust: undefined };
  const { mode: written = 'explicit', ...trust } = tls;
  return { mode: written, trust };
}

export function portOf(options: Pick<FtpOptions, 'port' | 'tls'>): number {
  return options.port ?? (tlsOf(options).mode === 'implicit' ? IMPLICIT_PORT : DEFAULT_PORT);
}

/** `host:port`, as messages name the server. */
export function addressOf({ host }: Pick<FtpOptions, 'host'>, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
