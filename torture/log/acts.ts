// What is done to an exporter and its logs beside the rotation that goes on all the time.

import { between, pick } from '../random.js';
import type { Site } from './site.js';

const LONGEST_BURST = 5;
/** Until the exporter has opened a file. */
const OPEN_ATTEMPTS = 20;

export type Act = (site: Site) => Promise<void>;

async function killAndStart(site: Site): Promise<void> {
  await site.kill();
  await site.work(between(site.chance, 0, 1500));
  await site.start();
}

async function killWhileStarting(site: Site): Promise<void> {
  await site.kill();
  await site.exporter.start();
  await site.work(between(site.chance, 20, 500));
  site.deeds.did('kills_while_starting');
  await site.exporter.kill();
  await site.start();
}

/** While a copy, or a packed file, is half written or its original is still there. */
async function killWithin(site: Site, copy: (killed: () => Promise<void>) => Promise<void>): Promise<void> {
  if (site.fragile) await site.checkpoint();
  await copy(async () => {
    site.deeds.note('killed while that goes on');
    await site.kill();
    await site.exporter.start();
    if (site.chance() < 0.5) await site.collected((now) => now >= 1);
  });
  await site.answering();
}

async function killWithinCopy(site: Site): Promise<void> {
  const writer = pick(site.chance, site.writers);
  await writer.write();
  site.deeds.did('copytruncates');
  await killWithin(site, (killed) => writer.copyAndTruncate(killed));
}

async function killWithinPack(site: Site): Promise<void> {
  const { writer, rotated } = site.find(({ packed, late }) => !packed && !late) ?? (await site.rotated());
  site.deeds.did('packed', `packed ${rotated.path}`);
  await killWithin(site, (killed) => writer.pack(rotated, killed));
}

/** SIGTERM: the exporter ends by itself, and keeps what it knows. */
async function stopAndStart(site: Site): Promise<void> {
  await site.stop();
  await site.work(between(site.chance, 0, 800));
  await site.start();
}

async function reload(site: Site): Promise<void> {
  site.deeds.did('reloads');
  site.reload();
}

async function reloadChanged(site: Site): Promise<void> {
  site.deeds.did('reloads', 'reloads with another YAML');
  await site.writeYaml();
  site.reload();
}

async function fullDisk(site: Site): Promise<void> {
  if (site.disk.kind === 'none') return;
  // It may be killed while the disk is full, and so must not be the only one to have something.
  if (site.fragile) await site.checkpoint();
  site.deeds.did('full_disks');
  await site.disk.fill();
  await site.work(between(site.chance, 300, 2500));
  const dice = site.chance();
  if (dice < 0.3) await killAndStart(site);
  else if (dice < 0.5) await reloadChanged(site);
  await site.work(between(site.chance, 0, 500));
  await site.disk.free();
  site.deeds.note('the disk has room again');
}

async function burst(site: Site): Promise<void> {
  const writer = pick(site.chance, site.writers);
  site.deeds.did('bursts');
  const count = between(site.chance, 2, LONGEST_BURST);
  for (let rotation = 0; rotation < count; rotation++) {
    await writer.write();
    await site.rotate(writer);
  }
}

async function pack(site: Site): Promise<void> {
  const { writer, rotated } = site.find(({ packed, late }) => !packed && !late) ?? (await site.rotated());
  site.deeds.did('packed', `packed ${rotated.path}`);
  await writer.pack(rotated);
}

async function packWhileDown(site: Site): Promise<void> {
  await site.kill();
  await site.work(between(site.chance, 100, 600));
  const { writer, rotated } = site.find(({ packed, late, confirmed }) => !packed && !late && !confirmed) ?? (await site.rotated());
  site.deeds.did('packed_while_down', `packed ${rotated.path} while down`);
  await writer.pack(rotated);
  await site.work(between(site.chance, 0, 300));
  await site.start();
}

/** Only what the kernel says the exporter has open: nobody could read what was thrown away before. */
async function unlinkWhileOpen(site: Site): Promise<void> {
  await site.reloaded();
  await site.rotated();
  for (let attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
    const open = new Set(await site.exporter.openFiles());
    const found = site.find(({ path, late, packed, confirmed }) => !late && !packed && !confirmed && open.has(path));
    if (found) {
      site.fragile = true;
      site.deeds.did('unlinked_while_open', `unlinked ${found.rotated.path}`);
      return found.writer.remove(found.rotated);
    }
    await site.work(100);
  }
}

export const acts: readonly Act[] = [
  killAndStart,
  killWhileStarting,
  killWithinCopy,
  killWithinPack,
  stopAndStart,
  reload,
  reloadChanged,
  fullDisk,
  burst,
  pack,
  packWhileDown,
  unlinkWhileOpen,
  (site) => site.checkpoint(),
];
