// Copies what tsc leaves out: the store's numbered SQL files, next to the code that reads them.
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs';

for (const folder of ['store/schema']) {
  // A schema file that was removed from src must not be applied from an old build.
  rmSync(`dist/${folder}`, { recursive: true, force: true });
  cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
}
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
