/** An embedded store in a process of its own, to be killed. Arguments: data folder, port. */
import { startEmbeddedStore } from '../../../src/embedded/store/embedded-store.js';

const [dataDir, port] = process.argv.slice(2) as [string, string];
const embedded = await startEmbeddedStore({ dataDir, port: Number(port) });
process.stdin.on('end', () => process.exit(1)).resume();
process.stdout.write(`${embedded.url}\n`);
