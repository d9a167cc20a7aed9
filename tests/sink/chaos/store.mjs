// An embedded store in a process of its own, to be killed: data folder, port. Compiled code, to be back at once.
import { startEmbeddedStore } from '../../../dist/embedded/store/embedded-store.js';

const [dataDir, port] = process.argv.slice(2);
const embedded = await startEmbeddedStore({ dataDir, port: Number(port) });
process.stdin.on('end', () => process.exit(1)).resume();
process.stdout.write(`${embedded.url}\n`);
