// The YAML of deliveries. Descriptions are the reference documentation.

import { duration } from '../../schema.js';
import { insideProperties, maxBytes } from '../inside-schema.js';

const count = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'How the manifest says how many packages there are: one of json, xml, regex, csv, lines.',
  examples: [{ json: '$.packages' }, { xml: 'Delivery/Packages' }, { csv: 'packages', delimiter: ';' }, { lines: 1 }],
  properties: {
    ...insideProperties('count'),
    csv: { type: 'string', minLength: 1, description: 'Column with numbers, which are added up; the first row names the columns.' },
    delimiter: { type: 'string', minLength: 1, maxLength: 1, description: 'Between columns. Default a comma.' },
    lines: {
      type: 'integer',
      minimum: 0,
      description: 'Each line that is not empty is a package; the number is how many come before them, as a header.',
    },
  },
} as const;

export const delivery = {
  type: 'object',
  additionalProperties: false,
  required: ['flow', 'stage', 'manifests', 'packages'],
  description: 'Deliveries of a flow: a manifest announces packages, which are files too.',
  properties: {
    flow: { type: 'string', description: 'The flow; one of `flows`.' },
    stage: { type: 'string', description: 'The stage that deliveries are at; one of the stages of the flow.' },
    partner: {
      type: 'string',
      description: 'The partner of all of them. Default: the group `partner` of `manifests.files`, or the only partner of the flow.',
    },
    manifests: {
      type: 'object',
      additionalProperties: false,
      required: ['directory', 'files', 'count'],
      description: 'Where manifests are, and what they say.',
      properties: {
        directory: { type: 'string', minLength: 1, description: 'The directory as the server names it.' },
        files: {
          type: 'string',
          minLength: 1,
          description:
            'Regular expression that the whole name matches; the group (?<key>…) tells deliveries apart, (?<partner>…) is the partner.',
          examples: ['(?<key>\\d{8})_manifest\\.json'],
        },
        count,
        max_bytes: maxBytes,
      },
    },
    packages: {
      type: 'object',
      additionalProperties: false,
      required: ['files'],
      description: 'Where packages are.',
      properties: {
        directory: { type: 'string', minLength: 1, description: 'The directory as the server names it. Default: that of the manifests.' },
        files: {
          type: 'string',
          minLength: 1,
          description: 'Regular expression that the whole name matches; the group (?<key>…) is that of the delivery.',
          examples: ['(?<key>\\d{8})_\\d+\\.zip'],
        },
      },
    },
    every: { ...duration, description: 'How often they are looked at; 1s or more. Default: the interval of the source.' },
    timeout: { ...duration, description: 'How long a look may take. Default: the timeout of the source.' },
  },
} as const;
