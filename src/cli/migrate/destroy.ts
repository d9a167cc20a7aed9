import { HistoryStore } from '../../migrations/history-store.js';
import { confirmTyped } from '../confirm.js';
import { note, out } from '../output.js';
import { assertConfirmed, type LockedFlags, locked } from './locked.js';
import { withServer } from './migrate-session.js';

export async function runDestroy(flags: LockedFlags): Promise<void> {
  await withServer(flags, async (session) => {
    const { client, history: names } = session;
    const history = new HistoryStore(client, names);
    const { stream, table } = history.names;
    const question = `This deletes ${stream}, ${table} and their topics on ${client.url}. The cluster forgets which versions were applied; the objects that the migrations created remain.`;
    assertConfirmed(await confirmTyped(question, 'destroy', flags.yes));
    const destroyed = await locked(session, flags, () => history.destroy(), true);
    if (flags.json === true) out(JSON.stringify({ destroyed }));
    else note(destroyed ? `Deleted ${stream} and ${table}.` : 'There is no history to delete.');
  });
}
