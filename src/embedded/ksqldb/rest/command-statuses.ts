/** The outcome of each command, for GET /status. */
export interface CommandStatus {
  readonly status: 'QUEUED' | 'PARSING' | 'EXECUTING' | 'TERMINATED' | 'SUCCESS' | 'ERROR';
  readonly message: string;
  readonly queryId: string | null;
}

/** By command ID. As in ksqlDB, the last command with an ID counts. */
export class CommandStatuses {
  readonly #statuses = new Map<string, CommandStatus>();

  put(commandId: string, status: CommandStatus): void {
    this.#statuses.set(commandId, status);
  }

  get(commandId: string): CommandStatus | undefined {
    return this.#statuses.get(commandId);
  }

  all(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#statuses].map(([id, { status }]) => [id, status]));
  }
}
