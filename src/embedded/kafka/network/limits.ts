export interface BrokerLimits {
  /** The most simultaneous connections. Further ones are closed immediately. */
  readonly maxConnections: number;
  /** The most bytes in one request (Kafka: socket.request.max.bytes). */
  readonly maxRequestBytes: number;
  /** The most bytes in one request before the client has logged in. */
  readonly maxRequestBytesBeforeLogin: number;
  /** The most bytes of unfinished requests across all connections. */
  readonly maxBufferedBytes: number;
  /** How long a client may take to send one request, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** A client that reads nothing of its responses for this long is disconnected. */
  readonly slowClientTimeoutMs: number;
  /** An idle connection is closed after this time (Kafka: connections.max.idle.ms). */
  readonly idleTimeoutMs: number;
}

export const defaultLimits: BrokerLimits = {
  maxConnections: 1000,
  maxRequestBytes: 104_857_600,
  maxRequestBytesBeforeLogin: 524_288,
  maxBufferedBytes: 512 * 1024 * 1024,
  requestTimeoutMs: 60_000,
  slowClientTimeoutMs: 60_000,
  idleTimeoutMs: 600_000,
};
