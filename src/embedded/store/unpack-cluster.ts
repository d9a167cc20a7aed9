import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

const SLICE_BYTES = 65_536;

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

/**
 * Writes a fresh database cluster into `folder`: the archive that initdb made when PGlite was built.
 *
 * PGlite can load the archive itself, but only through its in-memory file system, which costs 120 MB more.
 */
export async function unpackCluster(folder: string): Promise<void> {
  const { dataDir } = await import('@electric-sql/pglite-prepopulatedfs');
  const packed = Buffer.from(await (await dataDir()).arrayBuffer());
  // Stream the archive: unpacked in one piece it takes 40 MB that the process never gives back.
  const archive = extract();
  const reading = pipeline(Readable.from(slices(packed)), createGunzip(), archive);
  // The loop reports failures: of its own, and of the source, which ends it with the same error.
  reading.catch(() => undefined);
  for await (const entry of archive) {
    const { name, type } = entry.header;
    const path = join(folder, name);
    if (type === 'directory') {
      mkdirSync(path, { recursive: true });
      entry.resume();
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'w');
    try {
      for await (const chunk of entry as AsyncIterable<Buffer>) writeSync(file, chunk);
    } finally {
      closeSync(file);
    }
  }
  await reading;
}
