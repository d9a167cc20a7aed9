import type { RunEvent, RunRequest, WireError } from '../wire.js';

/** An error response of the server, or a request that got no response. */
export class ApiError extends Error {
  readonly error: WireError;
  readonly status: number;

  constructor(error: WireError, status: number) {
    super(error.message);
    this.error = error;
    this.status = status;
  }
}

const LOST: WireError = {
  code: 'CONSOLE_UNREACHABLE',
  message: 'The console is unreachable.',
  hint: 'Check that `paystream console` is still running. The page reconnects automatically.',
};

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError(LOST, 0);
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as { readonly error?: WireError };
  throw new ApiError(
    body.error ?? { code: String(response.status), message: response.statusText },
    response.status,
  );
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, signal === undefined ? {} : { signal });
  return (await response.json()) as T;
}

function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return send(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Exchanges the token for a cookie that scripts cannot read. */
export async function login(token: string): Promise<void> {
  await post('/api/login', { token });
}

/** Runs a script. It ends on the server if `signal` aborts or the page closes. */
export async function run(
  request: RunRequest,
  onEvent: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await post('/api/run', request, signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let rest = '';
  let ended = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') continue;
        const event = JSON.parse(line) as RunEvent;
        ended ||= event.type === 'end';
        onEvent(event);
      }
    }
  } catch (cause) {
    if (signal.aborted) return;
    throw cause instanceof ApiError ? cause : new ApiError(LOST, 0);
  }
  if (!ended && !signal.aborted) throw new ApiError(LOST, 0);
}

export function errorOf(error: unknown): WireError {
  if (error instanceof ApiError) return error.error;
  return { code: 'PAGE', message: error instanceof Error ? error.message : String(error) };
}
