import * as z from 'zod';

/** A secret is given as itself or by its file (`password` or `passwordFile`), never both. */
const text = z.string().optional();

const tls = z
  .strictObject({
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
  })
  .optional();

/** paystream.yaml as written. Every key is optional; unknown keys are errors, since they are mostly typing errors. */
export const configSchema = z.strictObject({
  ksqldb: z
    .strictObject({
      url: z.string().optional(),
      username: z.string().optional(),
      password: text,
      passwordFile: text,
      token: text,
      tokenFile: text,
      timeoutMs: z.number().int().positive().optional(),
      tls: z
        .strictObject({
          ca: z.string().optional(),
          cert: z.string().optional(),
          key: z.string().optional(),
          /** A PKCS #12 file (.p12, .pfx) with certificate and key, instead of cert and key. */
          pfx: z.string().optional(),
          passphrase: text,
          passphraseFile: text,
          /** False: the host name in the certificate is not compared with the address. */
          verifyHost: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
  kafka: z
    .strictObject({
      brokers: z.union([z.string(), z.array(z.string())]).optional(),
      sasl: z
        .strictObject({
          mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']),
          username: z.string().optional(),
          password: text,
          passwordFile: text,
          token: text,
          /** Read again at each login. */
          tokenFile: text,
          /** OAUTHBEARER by the client credentials grant, instead of a token. */
          oauth: z
            .strictObject({
              tokenEndpoint: z.string(),
              clientId: z.string(),
              clientSecret: text,
              clientSecretFile: text,
              scope: z.string().optional(),
            })
            .optional(),
        })
        .optional(),
      ssl: z.boolean().optional(),
      tls,
    })
    .optional(),
  store: z
    .strictObject({
      url: text,
      urlFile: text,
      tls,
    })
    .optional(),
  migrations: z
    .strictObject({
      directory: z.string().optional(),
      tests: z.string().optional(),
      variables: z.record(z.string(), z.string()).optional(),
      /** Names of the books, where they differ from those that ksql-migrations uses. */
      metadata: z
        .strictObject({
          stream: z.string().optional(),
          table: z.string().optional(),
          streamTopic: z.string().optional(),
          tableTopic: z.string().optional(),
          replicas: z.number().int().positive().optional(),
        })
        .optional(),
    })
    .optional(),
  sink: z
    .strictObject({
      topic: z.string().optional(),
      groupId: z.string().optional(),
      onGap: z.enum(['fail', 'skip']).optional(),
      onRecreated: z.enum(['fail', 'rebuild']).optional(),
      deadLetterTopic: z.string().optional(),
      http: z
        .strictObject({
          host: z.string().optional(),
          port: z.number().int().min(0).max(65535).optional(),
          token: text,
          tokenFile: text,
        })
        .optional(),
    })
    .optional(),
});

export type ConfigFile = z.infer<typeof configSchema>;
