// The YAML of values that stand inside small files. Descriptions are the reference documentation.

/** Bytes of a file that are read where the YAML says nothing: acknowledgements and manifests are small. */
export const DEFAULT_MAX_BYTES = 64 * 1024;

const json = {
  type: 'string',
  minLength: 1,
  description: 'JSONPath (RFC 9535) of it.',
  examples: ['$.reference'],
} as const;
const xml = {
  type: 'string',
  minLength: 1,
  description: 'Path of its element from the root, names without prefixes: Ack/Header/Ref, Ack/@status; //Ref at any depth.',
  examples: ['Acknowledgement/Reference', '//Reference', 'Acknowledgement/@status'],
} as const;

/** Where a value stands inside a file: one of these. @param group of the regular expression that is the value */
export function insideProperties<const Group extends string>(group: Group) {
  return {
    json,
    xml,
    regex: {
      type: 'string',
      minLength: 1,
      description: `Regular expression that finds it in the text, in the group (?<${group}>…) or, without groups, as a whole.`,
    },
  } as const;
}

export const maxBytes = {
  type: 'integer',
  minimum: 1,
  maximum: 16 * 1024 * 1024,
  description: 'Larger files are not read, and counted. Default 65536 (64 KiB).',
} as const;
