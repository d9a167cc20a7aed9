import { useState } from 'preact/hooks';
import { login } from './api.js';
import { Mark, Prose } from './parts.js';

/** Asks for the console's token. */
export function TokenForm({ onDone }: { readonly onDone: () => void }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState('');
  return (
    <form
      class="card token"
      onSubmit={(event) => {
        event.preventDefault();
        login(token.trim()).then(onDone, (failure: Error) => setError(failure.message));
      }}
    >
      <h1>
        <Mark /> Paystream
      </h1>
      <label for="token">
        <Prose text="Token: `paystream console` prints it after `#token=` in its address" />
      </label>
      <input
        id="token"
        type="password"
        autocomplete="current-password"
        value={token}
        aria-invalid={error !== ''}
        aria-describedby={error === '' ? undefined : 'token-error'}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      <button type="submit" class="primary" disabled={token.trim() === ''}>
        Open
      </button>
      {error === '' ? null : (
        <p class="bad" role="alert" id="token-error">
          {error}
        </p>
      )}
    </form>
  );
}
