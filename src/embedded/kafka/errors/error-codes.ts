import { CodedError, type ErrorDetails } from '../../../errors/paystream-error.js';

/**
 * The protocol's error codes that this broker answers, each with its cause.
 * Numbers and names: https://kafka.apache.org/protocol#protocol_error_codes
 */
export const errorCodes = {
  UNKNOWN_SERVER_ERROR: { code: -1, cause: 'the broker failed in a way that it did not foresee' },
  NONE: { code: 0, cause: 'no error' },
  OFFSET_OUT_OF_RANGE: { code: 1, cause: 'the offset is below the start or above the end of the partition' },
  CORRUPT_MESSAGE: { code: 2, cause: 'a record batch has a wrong checksum, size or structure' },
  UNKNOWN_TOPIC_OR_PARTITION: { code: 3, cause: 'there is no such topic or partition' },
  NOT_LEADER_OR_FOLLOWER: { code: 6, cause: 'another broker leads the partition' },
  REQUEST_TIMED_OUT: { code: 7, cause: 'the request did not finish in its time' },
  MESSAGE_TOO_LARGE: { code: 10, cause: "a batch is larger than the topic's max.message.bytes" },
  OFFSET_METADATA_TOO_LARGE: { code: 12, cause: 'the metadata of a committed offset is over 4096 bytes' },
  NETWORK_EXCEPTION: { code: 13, cause: 'the broker is shutting down' },
  COORDINATOR_LOAD_IN_PROGRESS: { code: 14, cause: 'the coordinator still reads its log' },
  COORDINATOR_NOT_AVAILABLE: { code: 15, cause: 'the coordinator cannot answer now' },
  NOT_COORDINATOR: { code: 16, cause: 'another broker coordinates the group or transaction' },
  INVALID_TOPIC_EXCEPTION: { code: 17, cause: 'the topic name is not allowed, or the topic is internal' },
  RECORD_LIST_TOO_LARGE: { code: 18, cause: 'the batches of a request are larger than a segment' },
  INVALID_REQUIRED_ACKS: { code: 21, cause: 'acks is not -1, 0 or 1' },
  ILLEGAL_GENERATION: { code: 22, cause: 'the member belongs to an older generation of the group' },
  INCONSISTENT_GROUP_PROTOCOL: { code: 23, cause: "the member shares no protocol with the group's members" },
  INVALID_GROUP_ID: { code: 24, cause: 'the group id is empty' },
  UNKNOWN_MEMBER_ID: { code: 25, cause: 'the group does not know the member' },
  INVALID_SESSION_TIMEOUT: { code: 26, cause: "the session timeout is outside of the broker's bounds" },
  REBALANCE_IN_PROGRESS: { code: 27, cause: 'the group is rebalancing: join again' },
  INVALID_TIMESTAMP: { code: 32, cause: "a record's timestamp is out of the topic's bounds" },
  UNSUPPORTED_SASL_MECHANISM: { code: 33, cause: 'the SASL mechanism is not enabled' },
  ILLEGAL_SASL_STATE: { code: 34, cause: 'the request is not allowed in this state of the login' },
  UNSUPPORTED_VERSION: { code: 35, cause: 'the broker does not serve this version of the API' },
  TOPIC_ALREADY_EXISTS: { code: 36, cause: 'a topic of this name exists' },
  INVALID_PARTITIONS: { code: 37, cause: 'the number of partitions is not allowed' },
  INVALID_REPLICATION_FACTOR: { code: 38, cause: 'this cluster has one broker: the replication factor is 1' },
  INVALID_REPLICA_ASSIGNMENT: {
    code: 39,
    cause: 'the replica assignment names unknown brokers or skips partitions',
  },
  INVALID_CONFIG: { code: 40, cause: 'a config is unknown or its value is not allowed' },
  INVALID_REQUEST: { code: 42, cause: 'the request contradicts itself' },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { code: 43, cause: 'only record batches of format 2 are served' },
  POLICY_VIOLATION: { code: 44, cause: 'a limit of this broker forbids the request' },
  OUT_OF_ORDER_SEQUENCE_NUMBER: {
    code: 45,
    cause: 'a batch of an idempotent producer is missing before this one',
  },
  DUPLICATE_SEQUENCE_NUMBER: {
    code: 46,
    cause: 'the batch was written long ago; its offset is no longer known',
  },
  INVALID_PRODUCER_EPOCH: { code: 47, cause: 'a newer instance of the producer has taken over' },
  INVALID_TXN_STATE: { code: 48, cause: "the request does not fit the transaction's state" },
  INVALID_PRODUCER_ID_MAPPING: { code: 49, cause: 'the transactional id has another producer id' },
  INVALID_TRANSACTION_TIMEOUT: {
    code: 50,
    cause: 'the transaction timeout is over transaction.max.timeout.ms',
  },
  CONCURRENT_TRANSACTIONS: { code: 51, cause: 'the previous transaction of this producer is still ending' },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: { code: 53, cause: 'the transactional id is not allowed' },
  OPERATION_NOT_ATTEMPTED: { code: 55, cause: 'another part of the request failed' },
  KAFKA_STORAGE_ERROR: { code: 56, cause: 'the disk refused a write or read' },
  SASL_AUTHENTICATION_FAILED: { code: 58, cause: 'unknown user or wrong password' },
  UNKNOWN_PRODUCER_ID: { code: 59, cause: 'the partition does not know the producer' },
  NON_EMPTY_GROUP: { code: 68, cause: 'the group has members' },
  GROUP_ID_NOT_FOUND: { code: 69, cause: 'there is no such group' },
  FETCH_SESSION_ID_NOT_FOUND: { code: 70, cause: 'the broker keeps no such fetch session' },
  INVALID_FETCH_SESSION_EPOCH: { code: 71, cause: "the fetch session's epoch is not the next one" },
  FENCED_LEADER_EPOCH: { code: 74, cause: "the client's leader epoch is too old" },
  UNKNOWN_LEADER_EPOCH: { code: 75, cause: "the client's leader epoch is newer than the broker's" },
  UNSUPPORTED_COMPRESSION_TYPE: { code: 76, cause: 'the codec is not known, or not allowed in this version' },
  MEMBER_ID_REQUIRED: { code: 79, cause: 'the group gave the member its id: join again with it' },
  GROUP_MAX_SIZE_REACHED: { code: 81, cause: 'the group is full' },
  ELECTION_NOT_NEEDED: { code: 84, cause: 'the only broker leads the partition already' },
  FENCED_INSTANCE_ID: { code: 82, cause: 'another member has taken over this group.instance.id' },
  GROUP_SUBSCRIBED_TO_TOPIC: { code: 86, cause: 'a member of the group is subscribed to the topic' },
  INVALID_RECORD: {
    code: 87,
    cause: 'a record breaks a rule of its topic: a missing key, a timestamp out of bounds',
  },
  PRODUCER_FENCED: { code: 90, cause: 'a newer producer uses the same transactional id' },
  UNKNOWN_TOPIC_ID: { code: 100, cause: 'there is no topic of this id' },
  UNSTABLE_OFFSET_COMMIT: {
    code: 88,
    cause: 'a transaction that is still open commits offsets of the partition',
  },
  TRANSACTIONAL_ID_NOT_FOUND: { code: 105, cause: 'there is no such transactional id' },
  TRANSACTION_ABORTABLE: { code: 120, cause: 'the transaction can only be aborted' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly cause: string }>>;

export type KafkaErrorName = keyof typeof errorCodes;

/** The numeric code of an error, as it goes over the wire. */
export function errorCode(name: KafkaErrorName): number {
  return errorCodes[name].code;
}

/** An error that a client sees as one of the protocol's codes. */
export class KafkaError extends CodedError {
  declare readonly code: KafkaErrorName;
  /** The number that goes over the wire. */
  readonly errorCode: number;

  constructor(name: KafkaErrorName, message?: string, details: ErrorDetails = {}) {
    super(name, message ?? errorCodes[name].cause, details);
    this.name = 'KafkaError';
    this.errorCode = errorCodes[name].code;
  }
}
