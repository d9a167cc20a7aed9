// Copies the store's SQL files next to the compiled code, because tsc ignores them.
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs';

for (const folder of ['store/schema']) {
  // Delete old files first: a schema file that was removed from src must not be applied.
  rmSync(`dist/${folder}`, { recursive: true, force: true });
  cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
}
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
