// Installs and builds what is missing, with nothing but some Node ≥ 20 and npm: plain JavaScript without dependencies.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const installStamp = join(modules, '.vigie-installed');
const build = join(root, 'build');
const buildStamp = join(build, '.complete');
const windows = process.platform === 'win32';

/** The Node.js that the package `node` pins; the machine's own may be older. */
export const pinnedNode = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');

/** Runs a program; what it prints is kept back and shown only when it fails. */
function run(program, args, label) {
  const started = Date.now();
  const progress = setInterval(() => process.stderr.write(`  ${label}: ${Math.round((Date.now() - started) / 1000)} s\n`), 5000);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: windows });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${label} failed (${program} ${args.join(' ')}, exit code ${code}):\n${output}`));
    });
  }).finally(() => clearInterval(progress));
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Installs the packages of the lock file unless they are there.
 * Install scripts are left out but for `node`, which puts the pinned Node.js in place: the others would try to compile.
 */
export async function ensureInstalled() {
  const digest = lockDigest();
  const complete = existsSync(installStamp) && readFileSync(installStamp, 'utf8') === digest;
  if (complete && existsSync(pinnedNode)) return;
  process.stderr.write('Installing packages (on the first run, about half a minute) …\n');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], 'installing packages');
  await ensurePinnedNode();
  writeFileSync(installStamp, digest);
}

async function ensurePinnedNode() {
  if (existsSync(pinnedNode)) return;
  await run('npm', ['rebuild', 'node', '--ignore-scripts=false'], 'installing the pinned Node.js');
  if (!existsSync(pinnedNode)) throw new Error(`the package "node" did not install ${pinnedNode}`);
}

/** The time of the newest change in what the build is made from. */
function newestSource() {
  let newest = 0;
  const look = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    newest = Math.max(newest, stat.mtimeMs);
    if (stat.isDirectory()) for (const entry of readdirSync(path)) look(join(path, entry));
  };
  for (const name of ['src', 'demo', 'test', 'bench', 'torture', 'tsconfig.json', 'package-lock.json']) look(join(root, name));
  return newest;
}

/** Compiles unless the build is newer than every source. A build that fails leaves the one before in place. */
export async function ensureBuilt() {
  const built = statSync(buildStamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = newestSource();
  if (built > newest) return;
  const compiler = join(modules, 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) {
    if (existsSync(buildStamp)) return;
    throw new Error('not built yet, and the compiler is not installed: run `npm ci`, then `npm run build`');
  }
  process.stderr.write('Building …\n');
  const fresh = `${build}-${process.pid}`;
  const old = `${fresh}-old`;
  try {
    await run(process.execPath, [compiler, '-p', root, '--outDir', fresh], 'building');
    await run(existsSync(pinnedNode) ? pinnedNode : process.execPath, [join(fresh, 'src', 'config', 'precompile.js')], 'compiling schemas');
    writeFileSync(join(fresh, '.complete'), '');
    if (existsSync(build)) renameSync(build, old);
    renameSync(fresh, build);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** Runs a compiled file (or another script) on the pinned Node.js in place of this process; ends with its exit code. */
export async function become(script, args, nodeOptions = [], cwd = root) {
  const path = `${join(modules, '.bin')}${windows ? ';' : ':'}${process.env.PATH ?? ''}`;
  const child = spawn(pinnedNode, [...nodeOptions, join(root, script), ...args], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWithParent(child);
  process.exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** npm that is killed leaves its script behind, since the shell in between passes no signal on. */
function stopWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  watch.unref();
}
