import type { Protocol } from './group-types.js';

/** Whether both lists contain the same protocols in the same order, with the same metadata. */
export function hasSameProtocols(one: readonly Protocol[], other: readonly Protocol[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, metadata }, i) => name === other[i]!.name && metadata.equals(other[i]!.metadata))
  );
}

/** Reads the topics of a consumer's subscription (ConsumerProtocolSubscription): a version, then the names. */
export function subscribedTopics(metadata: Buffer): string[] {
  if (metadata.length < 6) return [];
  const topics: string[] = [];
  let at = 6;
  for (let count = metadata.readInt32BE(2); count > 0 && at + 2 <= metadata.length; count--) {
    const length = metadata.readInt16BE(at);
    topics.push(metadata.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return topics;
}
