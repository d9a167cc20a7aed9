import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly held: Buffer[];
}

/** A TCP proxy that can close connections and hold back responses. It records responses, so tests can search for secrets. */
export class Gate {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  readonly #seen: Buffer[] = [];
  #open = true;
  #holding = false;

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
    this.#server = createServer((socket) => this.#pass(socket));
  }

  static async start(target: string): Promise<Gate> {
    const gate = new Gate(new URL(target));
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All recorded responses as text. */
  get answered(): string {
    return Buffer.concat(this.#seen).toString('latin1');
  }

  /** Closes all connections and rejects new ones. */
  shut(): void {
    this.#open = false;
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  openAgain(): void {
    this.#open = true;
  }

  /** Forwards requests and holds back the responses. */
  hold(): void {
    this.#holding = true;
  }

  /** Sends the responses that were held back, and stops holding. */
  release(): void {
    this.#holding = false;
    for (const { client, held } of this.#pairs) for (const chunk of held.splice(0)) client.write(chunk);
  }

  async stop(): Promise<void> {
    this.shut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(client: Socket): void {
    if (!this.#open) {
      client.destroy();
      return;
    }
    const server = connect(this.#target.port, this.#target.host);
    const pair: Pair = { client, server, held: [] };
    this.#pairs.add(pair);
    client.pipe(server);
    server.on('data', (chunk: Buffer) => {
      if (this.#holding) return void pair.held.push(chunk);
      this.#seen.push(chunk);
      if (!client.write(chunk)) server.pause();
    });
    client.on('drain', () => server.resume());
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
  }
}
