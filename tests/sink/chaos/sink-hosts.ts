import { type ChaosChild, startChaosChild } from './child.js';

export interface SinkPlace {
  readonly storeUrl: string;
  readonly topic: string;
}

interface Answer {
  readonly started?: string;
  readonly stopped?: string;
  readonly failed?: string;
  readonly reason?: string;
}

/** A process that runs sinks; kill -9 ends all of them at once, as the end of a machine does. */
export class SinkHost {
  readonly #brokers: string;
  readonly #sinks = new Map<string, SinkPlace>();
  readonly #waiting = new Map<string, () => void>();
  readonly #log: string[] = [];
  readonly failures = new Map<string, string>();
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
      this.#answered(answer.started);
      this.#answered(answer.stopped);
    });
    // Whoever was to stop has stopped with the process before.
    for (const name of [...this.#waiting.keys()]) if (!this.#sinks.has(name)) this.#answered(name);
    for (const [name, place] of this.#sinks) this.#tell({ start: name, ...place });
  }

  async killAndRestart(): Promise<void> {
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

  async end(): Promise<void> {
    await this.#child?.end('SIGKILL');
  }

  #command(name: string, command: object): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(name, resolve);
      this.#tell(command);
    });
  }

  #tell(command: object): void {
    this.#child!.tell({ brokers: this.#brokers, ...command });
  }

  #answered(name: string | undefined): void {
    if (name === undefined) return;
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
  }
}
