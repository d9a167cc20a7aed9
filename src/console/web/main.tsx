import { render } from 'preact';
import { login } from './api.js';
import { App } from './app.js';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/topology.css';
import './styles/query.css';
import './styles/payments.css';
import './styles/verdicts.css';
import './styles/narrow.css';

/** Logs in with the token behind `#` in the address, and removes it from the address first. */
async function start(): Promise<void> {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (token !== undefined) {
    history.replaceState(null, '', location.pathname);
    await login(token).catch(() => undefined);
  }
  render(<App />, document.getElementById('app') as HTMLElement);
}

void start();
