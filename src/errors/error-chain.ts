/** The fields that drivers put on their errors. Any of them may be missing. */
export interface ErrorLink {
  readonly name?: string;
  readonly message?: string;
  /** Such as `ECONNREFUSED` from Node. */
  readonly code?: unknown;
  /** The name of a Kafka error code, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
  readonly type?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

const MAX_LINKS = 8;

/** Returns the error followed by its causes, at most eight links in total. */
export function errorChain(error: unknown): readonly ErrorLink[] {
  const links: ErrorLink[] = [];
  let next = error;
  while (typeof next === 'object' && next !== null && links.length < MAX_LINKS) {
    const link: ErrorLink = next;
    links.push(link);
    next = link.cause ?? link.originalError;
  }
  return links;
}
