const fatalTypes = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'ILLEGAL_SASL_STATE',
  'UNSUPPORTED_SASL_MECHANISM',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_GROUP_ID',
]);

interface ErrorLink {
  readonly name?: string;
  readonly type?: string;
  readonly code?: unknown;
}

function chain(error: unknown): readonly ErrorLink[] {
  const errors: ErrorLink[] = [];
  for (let next = error; next instanceof Error && errors.length < 8; next = next.cause) errors.push(next);
  return errors;
}

/** True for what no restart can mend: credentials, rights, a codec that is missing. */
export function isFatalKafkaError(error: unknown): boolean {
  return chain(error).some(
    ({ name, type }) =>
      name === 'KafkaJSSASLAuthenticationError' ||
      name === 'KafkaJSNotImplemented' ||
      (type !== undefined && fatalTypes.has(type)),
  );
}

const unreachableNames = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
]);

/** True where no broker answers: they are away, which passes. A certificate that is refused does not pass. */
export function isUnreachable(error: unknown): boolean {
  const links = chain(error);
  return (
    links.some(({ name }) => name !== undefined && unreachableNames.has(name)) &&
    !links.some(({ code }) => typeof code === 'string' && /CERT|ALTNAME|SSL|TLS/.test(code))
  );
}

export function isMissingTopic(error: unknown): boolean {
  return chain(error).some(({ type }) => type === 'UNKNOWN_TOPIC_OR_PARTITION');
}
