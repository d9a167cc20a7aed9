import type { PaystreamError } from '../errors/paystream-error.js';
import type { KafkaConsumer } from '../kafka/consumer.js';
import type { SinkLogger } from './logger.js';
import { Partitions } from './partitions.js';
import type { SinkStatus } from './running-sink.js';

/** The claim of the partitions of one assignment, in progress. */
export interface Claim {
  readonly startedAt: number;
}

/** The state of one sink: what `status()`, `/readyz` and the metrics report. */
export class SinkState {
  readonly partitions = new Partitions();
  readonly totals = { records: 0, deadLetters: 0, tombstones: 0, restarts: 0 };
  /** Store operations that are being retried, with the reason of the last failure. */
  readonly troubles = new Map<string, string>();
  /** Consumers that failed in a row without storing a record. */
  failedInARow = 0;

  readonly #logger: SinkLogger;
  readonly #stopping = new AbortController();
  #phase: SinkStatus['state'] = 'starting';
  #failure: PaystreamError | undefined;
  #consumer: KafkaConsumer | undefined;
  #hasJoined = false;
  #claim: Claim | undefined;

  constructor(logger: SinkLogger) {
    this.#logger = logger;
  }

  /** Aborted when the sink stops or has failed. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Why the sink has failed for good. */
  get failure(): PaystreamError | undefined {
    return this.#failure;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Ends the sink with an error. Only the first one counts, and none after a stop. */
  fail(error: PaystreamError): void {
    if (this.signal.aborted) return;
    this.#failure = error;
    this.logError(error);
    this.stop();
  }

  logError({ message, code, where, hint }: PaystreamError): void {
    this.#logger.error(message, { code, where, hint });
  }

  ended(): void {
    this.#phase = this.#failure === undefined ? 'stopped' : 'failed';
  }

  consumerStarted(consumer: KafkaConsumer): void {
    this.#consumer = consumer;
  }

  consumerEnded(): void {
    this.#consumer = undefined;
    this.#hasJoined = false;
    this.#claim = undefined;
    this.partitions.clear();
  }

  isCurrent(consumer: KafkaConsumer): boolean {
    return this.#consumer === consumer;
  }

  restarting(): void {
    this.totals.restarts += 1;
    this.#phase = 'retrying';
  }

  /** Starts the claim for a new assignment. It supersedes an earlier one that is still in progress. */
  startClaim(): Claim {
    this.#claim = { startedAt: Date.now() };
    return this.#claim;
  }

  isClaiming(claim: Claim): boolean {
    return this.#claim === claim;
  }

  endClaim(claim: Claim): void {
    if (this.isClaiming(claim)) this.#claim = undefined;
  }

  claimSucceeded(): void {
    this.#hasJoined = true;
    if (this.#phase === 'starting' || this.#phase === 'retrying') this.#phase = 'running';
  }

  /** Whether claiming the assigned partitions has taken longer than this. */
  isClaimOverdue(afterMs: number): boolean {
    return this.#claim !== undefined && Date.now() - this.#claim.startedAt > afterMs;
  }

  batchStored(): void {
    this.failedInARow = 0;
    this.#phase = 'running';
  }

  /** Returns why the sink is not ready; empty if it makes progress. */
  problems(notReadyAfterMs: number): readonly string[] {
    if (this.#failure !== undefined) return [`${this.#failure.code}: ${this.#failure.message}`];
    if (this.signal.aborted) return ['stopping'];
    const found = [...this.troubles].map(([what, reason]) => `${what}: ${reason}`);
    if (this.isClaimOverdue(notReadyAfterMs)) {
      found.push(`the assigned partitions could not be claimed within ${notReadyAfterMs} ms`);
    }
    const silence = this.#consumer?.silence();
    if (!this.#hasJoined) found.push('the sink has not joined its group');
    else if (silence !== undefined && silence.ms > Math.max(notReadyAfterMs, silence.allowedMs)) {
      found.push(`the group coordinator has not answered for ${silence.ms} ms`);
    }
    for (const partition of this.partitions.stalled(notReadyAfterMs)) {
      found.push(`partition ${partition} has lag, and nothing was written for ${notReadyAfterMs} ms`);
    }
    return found;
  }

  status(notReadyAfterMs: number): SinkStatus {
    return {
      state: this.troubles.size > 0 && this.#phase === 'running' ? 'retrying' : this.#phase,
      problems: this.problems(notReadyAfterMs),
      partitions: [...this.partitions.lag()].map(([partition, lag]) => ({
        partition,
        nextOffset: this.partitions.get(partition)!.stored,
        lag,
      })),
      ...this.totals,
    };
  }
}
