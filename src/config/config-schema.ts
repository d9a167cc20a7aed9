import * as z from 'zod';

const text = (description: string) => z.string().describe(description);
const TLS_KEYS = {
  ca: text('PEM file with the trusted certificate authorities.'),
  cert: text('PEM file with the client certificate.'),
  key: text('PEM file with the key of the client certificate.'),
};
const replicas = z.number().int().positive().describe('Replication factor of both topics. Default: 1.');
const port = z.number().int().min(0).max(65_535).describe('0 takes any free port. Default: 8080.');

/** An optional section whose keys are all optional. An unknown key is an error, since it is mostly a typo. */
function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape).partial().optional();
}

const oauth = z
  .strictObject({
    tokenEndpoint: text('URL of the token endpoint.'),
    clientId: text('OAuth client ID.'),
    clientSecret: text('OAuth client secret.').optional(),
    clientSecretFile: text('File with the OAuth client secret.').optional(),
    scope: text('OAuth scope to request.').optional(),
  })
  .refine(({ clientSecret, clientSecretFile }) => (clientSecret ?? clientSecretFile) !== undefined, {
    message: 'set clientSecretFile or clientSecret',
  })
  .describe('Client credentials grant for oauthbearer, instead of a token.');

const sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']),
  username: text('User for plain and scram.').optional(),
  password: text('Password for plain and scram.').optional(),
  passwordFile: text('File with the password.').optional(),
  token: text('Token for oauthbearer.').optional(),
  tokenFile: text('File with the token. Read again at each login.').optional(),
  oauth: oauth.optional(),
});

/** paystream.yaml as written. Set a secret either directly (`password`) or by file (`passwordFile`), never both. */
export const configSchema = z.strictObject({
  ksqldb: section({
    url: text('Address of the ksqlDB server. Default: http://127.0.0.1:8088.'),
    username: text('User for basic authentication.'),
    password: text('Password for basic authentication.'),
    passwordFile: text('File with the password.'),
    token: text('Bearer token, instead of user and password.'),
    tokenFile: text('File with the bearer token.'),
    timeoutMs: z.number().int().positive().describe('Milliseconds until a response starts. Default: 30000.'),
    tls: section({
      ...TLS_KEYS,
      pfx: text('PKCS #12 file with certificate and key, instead of cert and key.'),
      passphrase: text('Passphrase of the PKCS #12 file or the key.'),
      passphraseFile: text('File with the passphrase.'),
      verifyHost: z
        .boolean()
        .describe("False skips the check of the certificate's host name. Default: true."),
    }),
  }),
  kafka: section({
    brokers: z
      .union([z.string(), z.array(z.string())])
      .describe('Bootstrap brokers as host:port. Default: 127.0.0.1:9092.'),
    ssl: z.boolean().describe("Use TLS with the system's certificate authorities."),
    tls: section(TLS_KEYS),
    sasl: sasl.describe('Credentials for Kafka.'),
  }),
  store: section({
    url: text('PostgreSQL URL of the customer store.'),
    urlFile: text('File with the URL.'),
    tls: section(TLS_KEYS),
  }),
  migrations: section({
    directory: text('Folder of the migrations. Default: ksql/migrations.'),
    tests: text('Folder of the SQL tests. Default: ksql/tests.'),
    variables: z.record(z.string(), z.string()).describe('Values for ${name} in the files.'),
    metadata: section({
      stream: text('Name of the stream of migration events.'),
      table: text('Name of the table of schema versions.'),
      streamTopic: text('Topic of the stream.'),
      tableTopic: text('Topic of the table.'),
      replicas,
    }).describe('Names of the migration history, if they differ from the defaults of ksql-migrations.'),
  }),
  sink: section({
    topic: text('Topic to consume. Default: PAYMENT-TRX-AGGR.'),
    groupId: text('Consumer group. Default: paystream-sink.'),
    onGap: z
      .enum(['fail', 'skip'])
      .describe('What to do when Kafka no longer has the next offset. Default: fail.'),
    onRecreated: z
      .enum(['fail', 'rebuild'])
      .describe('What to do when the topic was deleted and recreated. Default: fail.'),
    deadLetterTopic: text('Topic for a notice of each dead letter.'),
    http: section({
      host: text('Address to listen on. Default: 127.0.0.1.'),
      port,
      token: text('Bearer token that /metrics and /customers require.'),
      tokenFile: text('File with the token.'),
    }).describe('HTTP server for health, metrics and payments.'),
  }),
});

export type ConfigFile = z.infer<typeof configSchema>;
