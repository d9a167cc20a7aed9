import { HistoryStore } from '../../migrations/history-store.js';
import { note, out } from '../output.js';
import { type MigrateFlags, withServer } from './migrate-session.js';

export async function runInit(flags: MigrateFlags): Promise<void> {
  await withServer(flags, async ({ client, history: names }) => {
    const history = new HistoryStore(client, names);
    const created = await history.initialize();
    const { stream, table } = history.names;
    if (flags.json === true) out(JSON.stringify({ created, stream, table }));
    else note(created ? `Created ${stream} and ${table}.` : `${stream} and ${table} already exist.`);
  });
}
