import { PaystreamError } from '../../errors/paystream-error.js';
import { quote, quoteString } from '../../sql/identifiers.js';

/** The fields of PAYMENT-OUTPUT that a channel's own payload fills, and under which names it has them. */
export interface ChannelFields {
  readonly trxId: string;
  readonly trxAmount: string;
  readonly customerId: string;
  readonly trxDate: string;
  /** Undefined where the channel has no such field: NULL then. */
  readonly accountNo?: string;
  readonly accountName?: string;
  readonly bankName?: string;
  readonly referenceNo?: string;
  readonly currency?: string;
}

export interface Channel {
  /** Words, such as `ewallet`. */
  readonly name: string;
  readonly topic: string;
  /** `paymentType` in PAYMENT-OUTPUT. */
  readonly paymentType: string;
  readonly fields: ChannelFields;
  /** For all its payments, where it has no field for it. */
  readonly fixedCurrency?: string;
  /** In which it writes its trxDate. */
  readonly timeZone: string;
  readonly partitions: number;
}

export interface ChannelFiles {
  /** The description of the migration: `ewallet_payment`. */
  readonly description: string;
  readonly migration: string;
  readonly undo: string;
  readonly test: string;
}

const OPTIONAL = ['accountNo', 'accountName', 'bankName', 'referenceNo'] as const;

/** `e-wallet` becomes `E_WALLET_PAYMENT`: the stream and its query. */
export function streamName(name: string): string {
  const words = name
    .trim()
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  if (!/^[A-Z]/.test(words)) {
    throw new PaystreamError('USAGE_CHANNEL', `'${name}' is no name for a channel.`, {
      hint: 'A word that begins with a letter, such as ewallet.',
    });
  }
  return words.endsWith('_PAYMENT') ? words : `${words}_PAYMENT`;
}

/** The texts of a channel's migration, undo file and SQL test: written like those of the other channels. */
export function channelFiles(channel: Channel): ChannelFiles {
  const stream = streamName(channel.name);
  const zone = `${stream.toLowerCase().replace(/_payment$/, '')}_time_zone`;
  return {
    description: stream.toLowerCase(),
    migration: migrationSql(channel, stream, zone),
    undo: `-- Takes the channel ${channel.topic} out again. Its payments stay on PAYMENT-OUTPUT, its topic stays as it is.
TERMINATE ${stream};

DROP STREAM ${stream};
`,
    test: testSql(channel, stream),
  };
}

function migrationSql(channel: Channel, stream: string, zone: string): string {
  const { fields, topic, paymentType, partitions, timeZone } = channel;
  const columns: string[] = [
    `${quote(fields.trxId)} BIGINT`,
    `${quote(fields.trxAmount)} DECIMAL(19, 4)`,
    ...textFields(fields).map((name) => `${quote(name)} STRING`),
    `${quote(fields.customerId)} BIGINT`,
    `${quote(fields.trxDate)} STRING`,
  ];
  const optional = OPTIONAL.map((name) => `  ${textOrNull(fields[name])} AS ${quote(name)},`);
  const currency =
    fields.currency === undefined && channel.fixedCurrency !== undefined
      ? quoteString(channel.fixedCurrency)
      : textOrNull(fields.currency);
  return `-- The channel ${topic}.
-- ${zone} is the zone in which its service writes ${fields.trxDate}.
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
${optional.join('\n')}
  ${currency} AS \`currency\`
FROM ${stream}
PARTITION BY ${quote(fields.customerId)}
EMIT CHANGES;
`;
}

function textFields(fields: ChannelFields): readonly string[] {
  return [...OPTIONAL.map((name) => fields[name]), fields.currency].filter((name) => name !== undefined);
}

function textOrNull(field: string | undefined): string {
  return field === undefined ? 'CAST(NULL AS STRING)' : quote(field);
}

function testSql(channel: Channel, stream: string): string {
  const { fields, paymentType, fixedCurrency, timeZone } = channel;
  const texts = [...OPTIONAL, 'currency' as const].flatMap((name) => {
    const field = fields[name];
    return field === undefined ? [] : [{ name, field, value: name === 'currency' ? 'USD' : `${name} 1` }];
  });
  const inserted = [
    fields.trxId,
    fields.trxAmount,
    ...texts.map(({ field }) => field),
    fields.customerId,
    fields.trxDate,
  ];
  const values = [
    '1',
    '150000.5',
    ...texts.map(({ value }) => quoteString(value)),
    '7',
    "'2026-11-20T08:30:00.250'",
  ];
  const shown = (name: (typeof OPTIONAL)[number]) => {
    const text = texts.find((each) => each.name === name);
    return text === undefined ? 'NULL' : quoteString(text.value);
  };
  const currency = texts.some(({ name }) => name === 'currency')
    ? "'USD'"
    : fixedCurrency === undefined
      ? 'NULL'
      : quoteString(fixedCurrency);
  // Which instant a local time is, only the zone's rules tell: the test asserts it for UTC.
  const isUtc = timeZone === 'UTC';
  const expected: (readonly [string, string])[] = [
    ['CUSTOMER_ID', '7'],
    ['`trxId`', '1'],
    ['`trxAmount`', '150000.5000'],
    ['`customerId`', '7'],
    ...(isUtc ? [['`trxDate`', "'2026-11-20T08:30:00.250'"] as const] : []),
    ['`paymentType`', quoteString(paymentType)],
    ...OPTIONAL.map((name) => [quote(name), shown(name)] as const),
    ['`currency`', currency],
  ];
  return `--@test: a payment of ${channel.topic} becomes a common payment keyed by customer
INSERT INTO ${stream} (${inserted.map(quote).join(', ')})
  VALUES (${values.join(', ')});
ASSERT VALUES PAYMENT_OUTPUT (${expected.map(([name]) => name).join(', ')})
  VALUES (${expected.map(([, value]) => value).join(', ')});

----------------------------------------------------------------------------------------------------
--@test: a payment of ${channel.topic} is among the customer's last five
INSERT INTO ${stream} (${[fields.trxId, fields.trxAmount, fields.customerId, fields.trxDate].map(quote).join(', ')})
  VALUES (1, 1, 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_TRX_AGGR (CUSTOMER_ID, \`customerId\`) VALUES (7, 7);

----------------------------------------------------------------------------------------------------
--@test: a payment of ${channel.topic} without an amount is rejected
INSERT INTO ${stream} (${[fields.trxId, fields.customerId, fields.trxDate].map(quote).join(', ')}) VALUES (1, 7, '2026-11-20T08:30:00');
ASSERT VALUES PAYMENT_REJECTED (\`reason\`, \`paymentType\`) VALUES ('trxAmount is missing', ${quoteString(paymentType)});
`;
}
