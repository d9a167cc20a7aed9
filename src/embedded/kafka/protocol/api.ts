import type { BrokerLog } from '../errors/broker-log.js';
import type { GroupCoordinator } from '../groups/group-coordinator.js';
import type { LogStore } from '../log/log-store.js';
import type { Reader } from '../records/reader.js';
import type { Writer } from '../records/writer.js';
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js';
import type { SaslSession } from './sasl-session.js';

/** The broker's services, as the APIs use them. */
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
  /** The address at which this client reaches the broker. */
  readonly advertised: { readonly host: string; readonly port: number };
  /** Undefined if the broker requires no login. */
  readonly sasl: SaslSession | undefined;
  /** Calls `listener` if the connection closes before the response is ready. Returns how to unsubscribe. */
  onClose(listener: () => void): () => void;
}

export interface ApiRequest {
  readonly version: number;
  readonly clientId: string | null;
  readonly reader: Reader;
  readonly connection: ClientConnection;
  readonly broker: BrokerServices;
}

/** Writes the body of a response; null if the client wants no response (Produce with acks=0). */
export type Reply = ((writer: Writer) => void) | null;

export interface Api {
  readonly key: number;
  readonly name: string;
  /** The first and the last supported version. */
  readonly versions: readonly [first: number, last: number];
  /** The first version that uses compact types and tagged fields. */
  readonly flexibleFrom: number;
  /** Whether clients may call it before they have logged in. */
  readonly isBeforeLogin?: boolean;
  handle(request: ApiRequest): Reply | Promise<Reply>;
}

/** The value of `flexibleFrom` for an API without flexible versions. */
export const never = Number.POSITIVE_INFINITY;
/** The value of authorized operations if the client did not ask for them. */
export const operationsNotAsked = -2147483648;
