/** Groups digits with thin spaces, like `1 234 567`. Works for any number of digits. */
export function grouped(digits: string): string {
  const match = /^(-?)(\d+)(\..*)?$/.exec(digits);
  if (match === null) return digits;
  const [, sign = '', whole = '', rest = ''] = match;
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, '\u202f')}${rest}`;
}

/** Formats an amount with grouped digits and at least two decimal places. Keeps every digit. */
export function amount(text: string): string {
  const [whole = '', places = ''] = text.split('.');
  return `${grouped(whole)}.${places.replace(/0+$/, '').padEnd(2, '0')}`;
}

export function rate(perSecond: number | null): string {
  if (perSecond === null) return '–';
  if (perSecond === 0) return '0/s';
  return perSecond < 10 ? `${perSecond.toFixed(1)}/s` : `${grouped(String(Math.round(perSecond)))}/s`;
}

export function count(value: number | null): string {
  return value === null ? '–' : grouped(String(value));
}

export function ago(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1_000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function dateTime(at: number | string): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Returns the exact sum of decimals, computed as integers of the smallest decimal place. */
export function sumDecimals(texts: readonly string[]): string {
  const places = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  let sum = 0n;
  for (const text of texts) {
    const [whole = '0', rest = ''] = text.replace('-', '').split('.');
    const value = BigInt(whole + rest.padEnd(places, '0'));
    sum += text.startsWith('-') ? -value : value;
  }
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  return `${sum < 0n ? '-' : ''}${digits.slice(0, cut)}${places === 0 ? '' : `.${digits.slice(cut)}`}`;
}
