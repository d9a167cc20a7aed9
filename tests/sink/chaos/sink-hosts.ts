import { type ChaosChild, startChaosChild } from './child.js';

export interface SinkPlace {
  readonly storeUrl: string;
  readonly topic: string;
}

/** What a host says of one of its sinks. */
export interface SinkReport {
  readonly name: string;
  readonly isStopping: boolean;
  /** The sink's own status, as JSON. */
  readonly status: string;
  /** Its last log lines, the Kafka client's included. */
  readonly lines: readonly string[];
}

interface Answer {
  readonly started?: string;
  readonly stopped?: string;
  readonly failed?: string;
  readonly reason?: string;
  readonly report?: string;
  readonly sinks?: readonly SinkReport[];
}

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/** A process that runs sinks; kill -9 ends all of them at once, as the end of a machine does. */
export class SinkHost {
  readonly #brokers: string;
  readonly #sinks = new Map<string, SinkPlace>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #reports = new Map<string, (sinks: readonly SinkReport[]) => void>();
  readonly #log: string[] = [];
  readonly failures = new Map<string, string>();
  /** Why the process ended though nobody killed it. */
  #crash: Error | undefined;
  #child: ChaosChild | undefined;

  constructor(brokers: string) {
    this.#brokers = brokers;
  }

  /** Starts the process, again with all the sinks that it is to run. */
  async run(): Promise<void> {
    const child = await startChaosChild('sink-host', [], (line) => {
      this.#log.push(line);
      if (this.#log.length > 20_000) this.#log.splice(0, 10_000);
    });
    this.#child = child;
    child.lines.on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.failed !== undefined) this.failures.set(answer.failed, answer.reason ?? '');
      if (answer.report !== undefined) this.#reports.get(answer.report)?.(answer.sinks ?? []);
      this.#answered(answer.started);
      this.#answered(answer.stopped);
    });
    void child.ended.then((crash) => {
      if (crash === undefined) return;
      this.#crash = new Error(crash);
      for (const { reject } of this.#waiting.values()) reject(this.#crash);
      this.#waiting.clear();
    });
    // Whoever was to stop has stopped with the process before.
    for (const name of [...this.#waiting.keys()]) if (!this.#sinks.has(name)) this.#answered(name);
    for (const [name, place] of this.#sinks) this.#tell({ start: name, ...place });
  }

  async killAndRestart(): Promise<void> {
    if (this.#crash !== undefined) throw this.#crash;
    await this.#child!.end('SIGKILL');
    await this.run();
  }

  /** Resolves when the sink runs, also when the host was killed and made anew in between. */
  async start(name: string, place: SinkPlace): Promise<void> {
    this.#sinks.set(name, place);
    await this.#command(name, { start: name, ...place });
  }

  async stop(name: string): Promise<void> {
    this.#sinks.delete(name);
    await this.#command(name, { stop: name });
  }

  /** What the sinks whose names begin so have said. */
  logOf(prefix: string): readonly string[] {
    return this.#log.filter((line) => line.startsWith(`{"sink":"${prefix}`));
  }

  /** Throws if the process ended though nobody killed it: a sink must not take down what it runs in. */
  assertAlive(): void {
    if (this.#crash !== undefined) throw this.#crash;
  }

  /** How the sinks whose names begin so get on; undefined if the host does not answer. */
  async report(prefix: string, withinMs: number): Promise<readonly SinkReport[] | undefined> {
    return await new Promise((resolve) => {
      const patience = setTimeout(() => resolve(undefined), withinMs);
      this.#reports.set(prefix, (sinks) => {
        clearTimeout(patience);
        resolve(sinks);
      });
      this.#tell({ report: prefix });
    });
  }

  /** What this side waits for, and whether the process ended by itself. */
  state(): string {
    const asked = [...this.#waiting.keys()].join(', ');
    return [
      this.#crash?.message ?? 'nothing unusual',
      ...(asked === '' ? [] : [`has not answered for ${asked}`]),
    ].join(', ');
  }

  async end(): Promise<void> {
    await this.#child?.end('SIGKILL');
  }

  #command(name: string, command: object): Promise<void> {
    if (this.#crash !== undefined) return Promise.reject(this.#crash);
    return new Promise((resolve, reject) => {
      this.#waiting.set(name, { resolve, reject });
      this.#tell(command);
    });
  }

  #tell(command: object): void {
    this.#child!.tell({ brokers: this.#brokers, ...command });
  }

  #answered(name: string | undefined): void {
    if (name === undefined) return;
    this.#waiting.get(name)?.resolve();
    this.#waiting.delete(name);
  }
}
