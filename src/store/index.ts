export { type CustomerPayments, readCustomerPayments } from './customer-payments.js';
export {
  type AggregateRecord,
  MERGE_TRANSACTION,
  type MergeResult,
  mergeRecords,
  RECORD_SEPARATOR,
} from './merge.js';
export {
  type MigrateStoreResult,
  migrateStore,
  type StoreMigration,
  storeSchemaStatus,
} from './migrate-store.js';
export { type OpenStoreOptions, openStore } from './open-store.js';
export {
  claimPartition,
  type DeadLetter,
  initOffset,
  moveOffset,
  type PartitionClaim,
  readOffset,
  readTopicId,
  type SinkPartition,
  writeDeadLetter,
  writeTopicId,
} from './sink-offsets.js';
export { grantSinkRole } from './sink-role.js';
export type {
  Store,
  StoreConnection,
  StoreQueryOptions,
  StoreResult,
  StoreValue,
  TransactionOptions,
} from './store.js';
export {
  badDataReason,
  classifyStoreFailure,
  describeStoreFailure,
  fatalStoreError,
  knownRefusals,
  type StoreFailure,
} from './store-failure.js';
