import kafkajs from 'kafkajs';
import pg from 'pg';
import type { SinkHost } from './sink-hosts.js';

const WITHIN_MS = 5_000;

export interface Suspect {
  readonly seed: number;
  readonly topic: string;
  readonly storeUrl: string | undefined;
  readonly hosts: readonly SinkHost[];
  readonly brokers: string;
}

/** A part of the diagnosis must not hang on what it looks into. */
async function within(what: string, look: () => Promise<readonly string[]>): Promise<string> {
  let patience: NodeJS.Timeout | undefined;
  const lines = await Promise.race([
    look().catch((error: Error) => [`failed: ${error.message}`]),
    new Promise<readonly string[]>((resolve) => {
      patience = setTimeout(() => resolve([`no answer within ${WITHIN_MS} ms`]), WITHIN_MS);
    }),
  ]);
  clearTimeout(patience);
  return [`-- ${what}`, ...lines].join('\n');
}

async function groupOnBroker({ brokers, topic }: Suspect): Promise<readonly string[]> {
  const admin = new kafkajs.Kafka({
    clientId: 'diagnosis',
    brokers: [brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 1, initialRetryTime: 100 },
  }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([topic]);
    const offsets = await admin.fetchTopicOffsets(topic);
    const committed = await admin.fetchOffsets({ groupId: topic, topics: [topic] });
    return [
      ...groups.map(({ state, protocol }) => `state ${state}, assignor ${protocol}`),
      ...groups.flatMap(({ members }) =>
        members.map(({ memberId, memberAssignment }) => {
          const assigned = kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment);
          return `member ${memberId}: partitions ${assigned?.assignment[topic]?.join(',') ?? 'none'}`;
        }),
      ),
      ...offsets.map(({ partition, high }) => {
        const told = committed[0]?.partitions.find((one) => one.partition === partition)?.offset;
        return `partition ${partition}: committed ${told ?? 'nothing'} of ${high}`;
      }),
    ];
  } finally {
    await admin.disconnect();
  }
}

async function booksOfStore({ storeUrl, topic, seed }: Suspect): Promise<readonly string[]> {
  if (storeUrl === undefined) return ['no part of the store was made yet'];
  const client = new pg.Client({ connectionString: storeUrl, connectionTimeoutMillis: WITHIN_MS });
  client.on('error', () => {});
  await client.connect();
  try {
    const books = await client.query(
      'SELECT partition, next_offset, claim, moved_at FROM sink_offset WHERE topic = $1 ORDER BY partition',
      [topic],
    );
    const sessions = await client.query(
      `SELECT application_name, state, wait_event_type, wait_event, now() - xact_start AS transaction,
         pg_blocking_pids(pid) AS blocked_by, left(query, 80) AS query
       FROM pg_stat_activity WHERE application_name LIKE $1 ORDER BY application_name`,
      [`sink ${seed}-%`],
    );
    const counts = await client.query(
      `SELECT count(*) AS sessions, current_setting('max_connections') AS most FROM pg_stat_activity`,
    );
    return [...books.rows, ...sessions.rows, ...counts.rows].map((row) => JSON.stringify(row));
  } finally {
    await client.end();
  }
}

async function sinksOnHosts({ hosts, seed }: Suspect): Promise<readonly string[]> {
  const reports = await Promise.all(
    hosts.map(async (host, n) => {
      const sinks = await host.report(`${seed}-`, WITHIN_MS - 1_000);
      return [
        `host ${n + 1}: ${host.state()}${sinks === undefined ? ', does not report' : ''}`,
        ...(sinks ?? []).flatMap(({ name, isStopping, status, lines }) => [
          `sink ${name}${isStopping ? ' (stopping)' : ''}: ${status}`,
          ...lines.map((line) => `  ${line}`),
        ]),
      ];
    }),
  );
  const said = hosts.flatMap((host) => host.logOf(`${seed}-`)).sort();
  return [...reports.flat(), 'said, earlier processes included:', ...said.slice(-60)];
}

/** What a run that does not end waits for: its sinks, its group on the broker, its books and sessions in the store. */
export async function diagnose(suspect: Suspect): Promise<string> {
  const parts = await Promise.all([
    within('group on the broker', () => groupOnBroker(suspect)),
    within('books and sessions of the store', () => booksOfStore(suspect)),
    within('sinks', () => sinksOnHosts(suspect)),
  ]);
  return [`seed ${suspect.seed} at ${new Date().toISOString()}`, ...parts].join('\n');
}
