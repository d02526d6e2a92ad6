// The SFTP server of the demo: one user with one key, who may look at directories and change nothing.

import { once } from 'node:events';
import { readdirSync, statSync, type Stats } from 'node:fs';
import { join, posix } from 'node:path';
import ssh2, { type Server, type AuthContext, type Connection, type FileEntry, type PublicKeyAuthContext, type SFTPWrapper } from 'ssh2';
import { listen, type Part } from './listen.js';
import type { SshKeys } from './ssh-keys.js';

export const SFTP_USER = 'vigie';

/** Names in one answer to READDIR, as OpenSSH does. */
const PAGE = 100;

const { OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE } = ssh2.utils.sftp.STATUS_CODE;

export interface SftpOptions {
  readonly port: number;
  readonly keys: SshKeys;
  /** The folder that is shown as /. */
  readonly root: string;
}

export class SftpServer implements Part {
  readonly #options: SftpOptions;
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;

  constructor(options: SftpOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    const { keys, port, root } = this.#options;
    const server = new ssh2.Server({ hostKeys: [keys.hostKey] }, (connection) => this.#accept(connection, root));
    await listen(server, port);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    for (const connection of this.#connections) connection.end();
    await once(server, 'close');
  }

  #accept(connection: Connection, root: string): void {
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
    // A client that goes away in the middle of something is no concern of ours.
    connection.on('error', () => connection.end());
    connection.on('authentication', (attempt) => this.#authenticate(attempt));
    connection.on('ready', () => {
      connection.on('session', (acceptSession) => {
        acceptSession().on('sftp', (acceptSftp) => serveFiles(acceptSftp(), root));
      });
    });
  }

  #authenticate(attempt: AuthContext): void {
    const rightKey =
      attempt.method === 'publickey' && attempt.username === SFTP_USER && provesKey(attempt, this.#options.keys.userPublicKey);
    if (rightKey) attempt.accept();
    else attempt.reject(['publickey']);
  }
}

/** Without a signature, the client only asks whether the key would do. */
function provesKey({ key, signature, blob, hashAlgo }: PublicKeyAuthContext, publicKey: string): boolean {
  const allowed = ssh2.utils.parseKey(publicKey);
  if (allowed instanceof Error || key.algo !== allowed.type || !key.data.equals(allowed.getPublicSSH())) return false;
  if (!signature) return true;
  // It may also be an Error, whatever its type says.
  const verified: unknown = blob ? allowed.verify(blob, signature, hashAlgo) : false;
  return verified === true;
}

/** Answers the requests that a listing needs; everything else is refused. */
function serveFiles(sftp: SFTPWrapper, root: string): void {
  const open = new Map<number, FileEntry[]>();
  let lastHandle = 0;

  const local = (path: string) => join(root, posix.resolve('/', path));
  const sendAttributes = (id: number, path: string) => {
    const stat = statSync(local(path), { throwIfNoEntry: false });
    if (stat) sftp.attrs(id, attributes(stat));
    else sftp.status(id, NO_SUCH_FILE);
  };
  sftp.on('REALPATH', (id, path) => sftp.name(id, [entry(posix.resolve('/', path), undefined)]));
  sftp.on('STAT', sendAttributes);
  sftp.on('LSTAT', sendAttributes);
  sftp.on('OPENDIR', (id, path) => {
    const folder = local(path);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return sftp.status(id, NO_SUCH_FILE);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(++lastHandle);
    open.set(lastHandle, listFolder(folder));
    return sftp.handle(id, handle);
  });
  sftp.on('READDIR', (id, handle) => {
    const page = open.get(handle.readUInt32BE(0))?.splice(0, PAGE);
    if (!page) sftp.status(id, FAILURE);
    else if (page.length === 0) sftp.status(id, EOF);
    else sftp.name(id, page);
  });
  sftp.on('CLOSE', (id, handle) => sftp.status(id, open.delete(handle.readUInt32BE(0)) ? OK : FAILURE));
  for (const request of ['OPEN', 'REMOVE', 'RMDIR', 'SETSTAT', 'MKDIR', 'RENAME', 'SYMLINK', 'READLINK'] as const) {
    sftp.on(request, (id: number) => sftp.status(id, PERMISSION_DENIED));
  }
}

/** A file that is taken away in the meantime is not in the list. */
function listFolder(folder: string): FileEntry[] {
  return readdirSync(folder).flatMap((name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return stat ? [entry(name, stat)] : [];
  });
}

function entry(filename: string, stat: Stats | undefined): FileEntry {
  const attrs = attributes(stat);
  return { filename, longname: filename, attrs };
}

function attributes(stat: Stats | undefined): FileEntry['attrs'] {
  return {
    mode: stat?.mode ?? 0,
    uid: 0,
    gid: 0,
    size: stat?.size ?? 0,
    atime: seconds(stat?.atimeMs),
    mtime: seconds(stat?.mtimeMs),
  };
}

function seconds(ms: number | undefined): number {
  return Math.floor((ms ?? 0) / 1000);
}
