import kafkajs from 'kafkajs';
import type { KafkaConnection, KafkaLogin } from './connection.js';

function saslOf(login: KafkaLogin): kafkajs.SASLOptions {
  if (login.mechanism !== 'oauthbearer') return login as kafkajs.SASLOptions;
  const { mechanism, token } = login;
  return { mechanism, oauthBearerProvider: async () => ({ value: await token() }) };
}

/** Creates a kafkajs client. It logs nothing by default and opens no connection yet. */
export function createClient(
  { brokers, ssl, sasl }: KafkaConnection,
  options: Omit<kafkajs.KafkaConfig, 'brokers' | 'ssl' | 'sasl'>,
): kafkajs.Kafka {
  return new kafkajs.Kafka({
    brokers: [...brokers],
    // kafkajs passes TLS options on to Node, although its type knows only some of them.
    ...(ssl === undefined ? {} : { ssl: ssl as boolean }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    connectionTimeout: 3_000,
    logLevel: kafkajs.logLevel.NOTHING,
    ...options,
  });
}
