import { PaystreamError } from '../errors/paystream-error.js';
import { quote, quoteString } from '../sql/identifiers.js';
import { type Channel, OPTIONAL_FIELDS } from './channel.js';

export interface ChannelFiles {
  /** The migration's description, such as `ewallet_payment`. */
  readonly description: string;
  readonly migration: string;
  readonly undo: string;
  readonly test: string;
}

/** The channel's stream and query: `e-wallet` becomes `E_WALLET_PAYMENT`. Throws USAGE_CHANNEL. */
export function streamName(name: string): string {
  const words = name
    .trim()
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  if (!/^[A-Z]/.test(words)) {
    throw new PaystreamError('USAGE_CHANNEL', `'${name}' is not a channel name.`, {
      hint: 'Use a name that starts with a letter, such as ewallet.',
    });
  }
  return words.endsWith('_PAYMENT') ? words : `${words}_PAYMENT`;
}

/** Generates a channel's migration, undo file and SQL test. Throws USAGE_CHANNEL. */
export function channelFiles(channel: Channel): ChannelFiles {
  const names = Object.values(channel.fields);
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate !== undefined) {
    throw new PaystreamError('USAGE_CHANNEL', `The field ${duplicate} is used twice.`, {
      hint: 'Pass - for a field that the channel does not have.',
    });
  }
  const stream = streamName(channel.name);
  return {
    description: stream.toLowerCase(),
    migration: migrationSql(channel, stream),
    undo: `-- Removes the channel ${channel.topic}. Its topic and its payments on PAYMENT-OUTPUT stay.
TERMINATE ${stream};

DROP STREAM ${stream};
`,
    test: testSql(channel, stream),
  };
}

function migrationSql(channel: Channel, stream: string): string {
  const { fields, topic, paymentType, partitions, timeZone, fixedCurrency } = channel;
  const zone = `${stream.toLowerCase().replace(/_payment$/, '')}_time_zone`;
  const texts = OPTIONAL_FIELDS.map((name) => fields[name]).filter((name) => name !== undefined);
  const columns = [
    `${quote(fields.trxId)} BIGINT`,
    `${quote(fields.trxAmount)} DECIMAL(19, 4)`,
    ...texts.map((name) => `${quote(name)} STRING`),
    `${quote(fields.customerId)} BIGINT`,
    `${quote(fields.trxDate)} STRING`,
  ];
  const optional = OPTIONAL_FIELDS.map((name) => {
    const constant =
      name === 'currency' && fixedCurrency !== undefined ? quoteString(fixedCurrency) : undefined;
    const field = fields[name];
    const value = field === undefined ? (constant ?? 'CAST(NULL AS STRING)') : quote(field);
    return `  ${value} AS ${quote(name)}`;
  });
  return `-- The channel ${topic}.
-- ${zone} is the time zone of ${fields.trxDate}.
DEFINE ${zone} = ${quoteString(timeZone)};

SET 'auto.offset.reset' = 'earliest';

CREATE STREAM ${stream} (
  ${columns.join(',\n  ')}
) WITH (
  KAFKA_TOPIC = ${quoteString(topic)},
  PARTITIONS = ${partitions},
  VALUE_FORMAT = 'JSON'
);

INSERT INTO PAYMENT_OUTPUT WITH (QUERY_ID = ${quoteString(stream)})
SELECT
  ${quote(fields.customerId)} AS CUSTOMER_ID,
  ${quote(fields.trxId)} AS \`trxId\`,
  ${quote(fields.trxAmount)} AS \`trxAmount\`,
  AS_VALUE(${quote(fields.customerId)}) AS \`customerId\`,
  FORMAT_TIMESTAMP(
    PARSE_TIMESTAMP(${quote(fields.trxDate)}, 'yyyy-MM-dd''T''HH:mm:ss[.SSS]', '\${${zone}}'),
    'yyyy-MM-dd''T''HH:mm:ss.SSS', 'UTC') AS \`trxDate\`,
  ${quoteString(paymentType)} AS \`paymentType\`,
${optional.join(',\n')}
FROM ${stream}
PARTITION BY ${quote(fields.customerId)}
EMIT CHANGES;
`;
}

function testSql(channel: Channel, stream: string): string {
  const { fields, topic, paymentType, fixedCurrency, timeZone } = channel;
  const date = "'2026-11-20T08:30:00.250'";
  const inserted: [string, string][] = [
    [fields.trxId, '1'],
    [fields.trxAmount, '150000.5'],
  ];
  const expected: [string, string][] = [
    ['CUSTOMER_ID', '7'],
    ['`trxId`', '1'],
    ['`trxAmount`', '150000.5000'],
    ['`customerId`', '7'],
  ];
  // In other zones the expected instant depends on the zone's rules, so only UTC asserts it.
  if (timeZone === 'UTC') expected.push(['`trxDate`', date]);
  expected.push(['`paymentType`', quoteString(paymentType)]);
  for (const name of OPTIONAL_FIELDS) {
    const field = fields[name];
    const sample = quoteString(name === 'currency' ? 'USD' : `${name} 1`);
    const constant = name === 'currency' && fixedCurrency !== undefined ? quoteString(fixedCurrency) : 'NULL';
    if (field !== undefined) inserted.push([field, sample]);
    expected.push([quote(name), field === undefined ? constant : sample]);
  }
  inserted.push([fields.customerId, '7'], [fields.trxDate, date]);
  const insert = (columns: readonly (readonly [string, string])[]) => {
    const names = columns.map(([name]) => quote(name)).join(', ');
    return `INSERT INTO ${stream} (${names})\n  VALUES (${columns.map(([, value]) => value).join(', ')});`;
  };
  const minimal = [fields.trxId, fields.trxAmount, fields.customerId, fields.trxDate];
  const required = inserted.filter(([name]) => minimal.includes(name));
  const line = '-'.repeat(100);
  return `--@test: a payment of ${topic} becomes a common payment keyed by customer
${insert(inserted)}
ASSERT VALUES PAYMENT_OUTPUT (${expected.map(([name]) => name).join(', ')})
  VALUES (${expected.map(([, value]) => value).join(', ')});

${line}
--@test: a payment of ${topic} is among the customer's last five
${insert(required)}
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID) VALUES (7);

${line}
--@test: a payment of ${topic} without an amount is rejected
${insert(required.filter(([name]) => name !== fields.trxAmount))}
ASSERT VALUES PAYMENT_REJECTED (\`reason\`, \`paymentType\`) VALUES ('trxAmount is missing', ${quoteString(paymentType)});
`;
}
