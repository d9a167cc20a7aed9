import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes names that were created or changed in a folder survive power loss. Windows does so by itself. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
