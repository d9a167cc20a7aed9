// tsc emits only TypeScript: the numbered SQL files of the store are copied beside their reader.
import { chmodSync, cpSync, existsSync } from 'node:fs';

for (const folder of ['store/schema']) {
  if (existsSync(`src/${folder}`)) cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
}
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
