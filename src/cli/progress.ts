import { note, notedStyle } from './output.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows the current step and its duration on a terminal. Elsewhere only finished steps are written. */
export class Progress {
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #started = 0;
  #frame = 0;

  start(text: string): void {
    this.stop();
    this.#text = text;
    this.#started = performance.now();
    if (process.stderr.isTTY !== true || process.env.TERM === 'dumb') return;
    this.#timer = setInterval(() => this.#draw(), 100);
    this.#timer.unref();
    this.#draw();
  }

  /** Ends the current step and writes a permanent line. */
  done(text: string): void {
    this.stop();
    note(text);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.stderr.write('\r\x1b[2K');
  }

  #draw(): void {
    const seconds = ((performance.now() - this.#started) / 1_000).toFixed(1);
    const frame = FRAMES[this.#frame++ % FRAMES.length] ?? '';
    process.stderr.write(
      `\r\x1b[2K${notedStyle('cyan', frame)} ${this.#text} ${notedStyle('dim', `${seconds} s`)}`,
    );
  }
}

/** Formats milliseconds as `85 ms`, `1.24 s` or `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}
