import type { BrokerLog } from '../errors/broker-log.js';
import type { GroupCoordinator } from '../groups/group-coordinator.js';
import type { LogStore } from '../log/log-store.js';
import type { Reader } from '../records/reader.js';
import type { Writer } from '../records/writer.js';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js';
import type { SaslSession } from './sasl-session.js';

/** What the APIs work on. */
export interface BrokerServices {
  readonly store: LogStore;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly nodeId: number;
  readonly clusterId: string;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly log: BrokerLog;
  /** Every API that is served, by key. */
  readonly apis: ReadonlyMap<number, Api>;
}

/** The client at the other end of a connection. */
export interface ClientConnection {
  /** Address and port, for messages. */
  readonly peer: string;
  /** Address only, as groups show it. */
  readonly peerHost: string;
  /** Where this client reaches the broker. */
  readonly advertised: { readonly host: string; readonly port: number };
  /** Undefined when the broker asks for no login. */
  readonly sasl: SaslSession | undefined;
  /** Runs when the connection ends before the answer is ready. */
  onClose(listener: () => void): () => void;
}

export interface ApiRequest {
  readonly version: number;
  readonly clientId: string | null;
  readonly reader: Reader;
  readonly connection: ClientConnection;
  readonly broker: BrokerServices;
}

/** Writes the body of the response; null if the client wants none (Produce with acks=0). */
export type Reply = ((writer: Writer) => void) | null;

export interface Api {
  readonly key: number;
  readonly name: string;
  /** First and last version that is served. */
  readonly versions: readonly [first: number, last: number];
  /** From this version on compact types and tagged fields are used. */
  readonly flexibleFrom: number;
  /** May be called before the client has logged in. */
  readonly isBeforeLogin?: boolean;
  handle(request: ApiRequest): Reply | Promise<Reply>;
}

/** For `flexibleFrom`. */
export const never = Number.POSITIVE_INFINITY;
/** "The client did not ask": the value of authorized operations. */
export const operationsNotAsked = -2147483648;
