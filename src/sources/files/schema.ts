// The YAML of a files source. Descriptions are the reference documentation.

import type { FromSchema } from 'json-schema-to-ts';
import { exchangeProperties } from '../exchanges/index.js';
import { common } from '../schema.js';

export const filesSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  description: 'Files that wait in directories of this machine or mounted on it. Relative paths start at the folder of the YAML file.',
  properties: {
    ...common,
    kind: { const: 'files', description: 'Files that wait in directories of this machine or mounted on it.' },
    ...exchangeProperties,
  },
} as const;

export type FilesOptions = FromSchema<typeof filesSchema>;
