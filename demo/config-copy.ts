// The configuration that the fleet of the demo runs on: exporters.yaml itself, or a copy where the demo has other ports or another folder.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { escapePath } from 'tinyglobby';
import { isMap, isScalar, isSeq, parseDocument, visit, type Document } from 'yaml';
import { DEFAULT_CONFIG_FILE } from '../src/conventions.js';
import { DEFAULT_DATA, HTTPS_PORT, SFTP_PORT, type DemoOptions } from './options.js';

const NOTE = ` A copy of ${DEFAULT_CONFIG_FILE} with the ports and the folder of this demo. It is written anew at each start.`;

/** Whether the demo is not where exporters.yaml expects it. */
export function isMoved({ sftpPort, httpsPort, dataDir }: DemoOptions, root: string): boolean {
  return sftpPort !== SFTP_PORT || httpsPort !== HTTPS_PORT || dataDir !== resolve(root, DEFAULT_DATA);
}

/** Writes the copy into the folder of the demo. @returns its path */
export function writeCopy(options: DemoOptions, root: string): string {
  const document = parseDocument(readFileSync(join(root, DEFAULT_CONFIG_FILE), 'utf8'));
  document.commentBefore = NOTE;
  moveIncludes(document, options, root);
  moveServers(document, options);
  const path = join(options.dataDir, DEFAULT_CONFIG_FILE);
  writeFileSync(path, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  return path;
}

/** Included files stay where they are. */
function moveIncludes(document: Document.Parsed, { dataDir }: DemoOptions, root: string): void {
  const include = document.get('include');
  if (!isSeq(include)) return;
  const back = escapePath(relative(dataDir, root).split(sep).join('/'));
  for (const item of include.items) {
    if (isScalar(item) && typeof item.value === 'string') item.value = `${back}/${item.value}`;
  }
}

/** The copy lies in the folder of the demo, so paths into it get shorter. */
function moveServers(document: Document.Parsed, { sftpPort, httpsPort }: DemoOptions): void {
  const sources = document.get('sources');
  if (!isMap(sources)) return;
  visit(sources, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return;
      node.value = node.value.replace(`${DEFAULT_DATA}/`, './').replace(`127.0.0.1:${HTTPS_PORT}`, `127.0.0.1:${httpsPort}`);
    },
    Pair(_key, pair) {
      if (!isScalar(pair.key) || pair.key.value !== 'port' || !isScalar(pair.value) || pair.value.value !== SFTP_PORT) return;
      pair.value.value = sftpPort;
    },
  });
}
