// `npm start`, `npm test`, `npm run bench`, `npm run torture` and `npm run mutate`: installs and builds what is missing, then runs it on
// the pinned Node.js.
// `setup` stops after the build.

import { become, ensureBuilt, ensureInstalled } from './toolchain.js';

const tasks = {
  setup: async () => {},
  demo: (args) => become('build/demo/start.js', args),
  test: (args) => become('node_modules/jest/bin/jest.js', args, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']),
  bench: (args) => become('build/bench/main.js', args),
  torture: (args) => become('build/torture/main.js', args),
  mutate: (args) => become('build/test/mutation/main.js', args),
};

const [name, ...args] = process.argv.slice(2);
const major = Number(process.versions.node.split('.')[0]);
try {
  if (!Object.hasOwn(tasks, name)) throw new Error(`no task "${name}" (there is: ${Object.keys(tasks).join(', ')})`);
  if (major < 20)
    throw new Error(`Node.js ${process.versions.node} is too old: Vigie needs 20 or newer to start (it then runs on its own)`);
  await ensureInstalled();
  await ensureBuilt();
  await tasks[name](args);
} catch (error) {
  process.stderr.write(`vigie: ${error.message}\n`);
  process.exitCode = 1;
}
