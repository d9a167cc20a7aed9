import { createClient } from './client.js';
import type { KafkaConnection } from './connection.js';
import { accessError } from './errors.js';

/**
 * Connects once, so that a command with wrong certificates or credentials fails before it starts any work.
 * Succeeds when no broker is reachable, because clients wait for brokers anyway.
 *
 * @throws KAFKA_TLS, KAFKA_UNAUTHORIZED
 */
export async function checkKafkaAccess(connection: KafkaConnection): Promise<void> {
  if (connection.ssl === undefined && connection.sasl === undefined) return;
  const admin = createClient(connection, {
    clientId: 'paystream-preflight',
    authenticationTimeout: 5_000,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
  } catch (error) {
    const refusal = accessError(error, connection.brokers.join(','));
    if (refusal !== undefined) throw refusal;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
