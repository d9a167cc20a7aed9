/** Reports an event to the operator in one line. Messages never contain record data. */
export type BrokerLog = (level: 'info' | 'warn' | 'error', message: string) => void;
