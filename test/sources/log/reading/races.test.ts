// What others do to files between two steps of a look: no line is lost or read twice, and nothing is said to be lost that is not.

import { copyFile } from 'node:fs/promises';
import { GRACE_MS } from '../../../../src/sources/log/reading/follower.js';
import { LogFile } from '../../../../src/sources/log/reading/log-file.js';
import { FollowerRig, joined, someLines } from './follower-rig.js';

const LONG = 'x'.repeat(100);

let rig: FollowerRig;
const { spyOn, restoreAllMocks } = import.meta.jest;

beforeEach(async () => {
  rig = await FollowerRig.create();
});
afterEach(async () => {
  restoreAllMocks();
  await rig.remove();
});

/** Once, before the size of the next file is asked for: of a new one, when it is to be found out whether it is a copy. */
function beforeNextSize(action: () => Promise<void>): void {
  spyOn(LogFile.prototype, 'size').mockImplementationOnce(async function (this: LogFile) {
    await action();
    return this.size();
  });
}

function beforeNextRead(action: () => Promise<void>): void {
  spyOn(LogFile.prototype, 'read').mockImplementationOnce(async function (this: LogFile, limits, sink) {
    await action();
    return this.read(limits, sink);
  });
}

function afterNextRead(action: () => Promise<void>): void {
  spyOn(LogFile.prototype, 'read').mockImplementationOnce(async function (this: LogFile, limits, sink) {
    const result = await this.read(limits, sink);
    await action();
    return result;
  });
}

/** As copytruncate: the copy is complete when it is cut. */
async function copyAndTruncate(): Promise<void> {
  await copyFile(rig.path('app.log'), rig.path('app.log.1'));
  await rig.truncate('app.log');
}

async function lostInTheEnd(): Promise<number> {
  await rig.advance(GRACE_MS + 1);
  await rig.look();
  return rig.told.lostBytes;
}

describe('a log that is cut', () => {
  test('while its copy is looked at, which then is no new file', async () => {
    await rig.follow();
    const lines = someLines(20, LONG);
    await rig.write('app.log', joined(lines));
    await rig.look();
    await copyFile(rig.path('app.log'), rig.path('app.log.1'));
    beforeNextSize(() => rig.truncate('app.log'));

    await rig.look();
    await rig.look();

    expect(rig.records).toEqual(lines);
  });

  test('after it was found and before anything of it was read: all of it is in its copy', async () => {
    await rig.follow();
    const lines = someLines(20, LONG);
    await rig.write('app.log', joined(lines));
    const more = someLines(2);
    beforeNextRead(async () => {
      await copyAndTruncate();
      await rig.append('app.log', joined(more));
    });

    await rig.look();
    await rig.look();

    expect(rig.records.toSorted()).toEqual([...lines, ...more].toSorted());
    expect(await lostInTheEnd()).toBe(0);
  });

  test('after it was read: the rest of its half line is in its copy', async () => {
    await rig.follow();
    const lines = someLines(20, LONG);
    const text = joined(lines);
    await rig.write('app.log', text.slice(0, -30));
    afterNextRead(async () => {
      await rig.append('app.log', text.slice(-30));
      await copyAndTruncate();
    });

    await rig.look();
    await rig.look();

    expect(rig.records).toEqual(lines);
    expect(await lostInTheEnd()).toBe(0);
  });
});

test('a log and its copy that are both there at the first look count once', async () => {
  const lines = someLines(20, LONG);
  await rig.write('app.log', joined(lines));
  await copyFile(rig.path('app.log'), rig.path('app.log.1'));
  await rig.start({ from: 'start' });

  await rig.look();
  await rig.truncate('app.log');
  await rig.look();

  expect(rig.records).toEqual(lines);
});

test('a name that goes to another file before that is opened leads neither to the place of the other', async () => {
  await rig.follow();
  const [old, fresh] = [someLines(20, LONG), someLines(30, LONG)];
  await rig.write('app.log', joined(old));
  await rig.look();
  await rig.stop();
  spyOn(LogFile, 'open').mockImplementationOnce(async (path) => {
    await rig.rename('app.log', 'app.log.1');
    await rig.write('app.log', joined(fresh));
    return LogFile.open(path);
  });
  await rig.start();

  await rig.look();
  await rig.look();

  expect(rig.records).toEqual([...old, ...fresh]);
  expect(await lostInTheEnd()).toBe(0);
});
