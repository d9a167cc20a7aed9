export interface BrokerLimits {
  /** Connections at a time; later ones are closed at once. */
  readonly maxConnections: number;
  /** Bytes of one request (Kafka: socket.request.max.bytes). */
  readonly maxRequestBytes: number;
  /** Bytes of one request before the login. */
  readonly maxRequestBytesBeforeLogin: number;
  /** Bytes of requests that all connections together may have under way. */
  readonly maxBufferedBytes: number;
  /** A request that was begun must be whole after this time. */
  readonly requestTimeoutMs: number;
  /** A client that takes no byte of its answer for this long is cut off. */
  readonly slowClientTimeoutMs: number;
  /** A connection without traffic is closed after this time (Kafka: connections.max.idle.ms). */
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
