import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Forces created and renamed files in a folder to disk. Not needed on Windows. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
