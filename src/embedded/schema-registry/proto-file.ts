/**
 * Protobuf schema texts (proto3, and proto2 as far as messages go) as trees.
 *
 * Source: https://protobuf.dev/reference/protobuf/proto3-spec/
 */

export interface ProtoField {
  readonly name: string;
  /** A scalar's name, or a message's or enum's as written. */
  readonly type: string;
  readonly number: number;
  readonly repeated: boolean;
  /** Written with the keyword: its absence shows. */
  readonly optional: boolean;
  readonly required: boolean;
  /** The oneof it belongs to. */
  readonly oneof?: string;
  /** Set for map fields; `type` is the values'. */
  readonly mapKey?: string;
  /** `params` of the option (confluent.field_meta). */
  readonly params: Readonly<Record<string, string>>;
}

export interface ProtoEnum {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly number: number }[];
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
}

export interface ProtoFile {
  readonly syntax: string;
  readonly package: string;
  readonly imports: readonly string[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
}

/** The text is no Protobuf schema. */
export class ProtoSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtoSyntaxError';
  }
}

interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'symbol' | 'end';
  readonly text: string;
  readonly line: number;
}

/** @throws ProtoSyntaxError */
export function parseProtoFile(text: string): ProtoFile {
  return new Parser(tokenize(text)).file();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const isWord = (c: string | undefined) => c !== undefined && /[A-Za-z0-9_]/.test(c);
  while (at < text.length) {
    const c = text[at]!;
    if (c === '\n') line++;
    if (c.trim() === '') {
      at++;
    } else if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) throw new ProtoSyntaxError(`Syntax error in line ${line}: unterminated comment`);
      for (let i = at; i < end; i++) if (text[i] === '\n') line++;
      at = end + 2;
    } else if (c === '"' || c === "'") {
      let value = '';
      let i = at + 1;
      for (; i < text.length && text[i] !== c; i++) {
        if (text[i] === '\\') i++;
        value += text[i] ?? '';
      }
      if (i >= text.length) throw new ProtoSyntaxError(`Syntax error in line ${line}: unterminated string`);
      tokens.push({ kind: 'string', text: value, line });
      at = i + 1;
    } else if (isWord(c)) {
      let end = at + 1;
      while (isWord(text[end]) || (/\d/.test(c) && text[end] === '.')) end++;
      tokens.push({ kind: /\d/.test(c) ? 'number' : 'word', text: text.slice(at, end), line });
      at = end;
    } else {
      tokens.push({ kind: 'symbol', text: c, line });
      at++;
    }
  }
  tokens.push({ kind: 'end', text: 'end of text', line });
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  file(): ProtoFile {
    let syntax = 'proto2';
    let name = '';
    const imports: string[] = [];
    const messages: ProtoMessage[] = [];
    const enums: ProtoEnum[] = [];
    while (this.#peek().kind !== 'end') {
      const token = this.#next();
      switch (token.text) {
        case 'syntax':
        case 'edition':
          this.#expect('=');
          syntax = this.#next().text;
          this.#expect(';');
          break;
        case 'package':
          name = this.#qualified();
          this.#expect(';');
          break;
        case 'import':
          if (this.#peek().text === 'public' || this.#peek().text === 'weak') this.#next();
          imports.push(this.#next().text);
          this.#expect(';');
          break;
        case 'option':
          this.#skipStatement();
          break;
        case 'message':
          messages.push(this.#message(1));
          break;
        case 'enum':
          enums.push(this.#enum());
          break;
        case 'service':
        case 'extend':
          this.#next();
          this.#skipBlock();
          break;
        case ';':
          break;
        default:
          this.#fail(token);
      }
    }
    return { syntax, package: name, imports, messages, enums };
  }

  #message(depth: number): ProtoMessage {
    if (depth > 64) throw new ProtoSyntaxError('Messages are nested too deeply.');
    const name = this.#word();
    const fields: ProtoField[] = [];
    const messages: ProtoMessage[] = [];
    const enums: ProtoEnum[] = [];
    this.#expect('{');
    while (this.#peek().text !== '}') {
      const { text } = this.#peek();
      if (text === 'message') {
        this.#next();
        messages.push(this.#message(depth + 1));
      } else if (text === 'enum' && this.#peek(2).text === '{') {
        this.#next();
        enums.push(this.#enum());
      } else if (text === 'oneof' && this.#peek(2).text === '{') {
        this.#next();
        const oneof = this.#word();
        this.#expect('{');
        while (this.#peek().text !== '}') {
          if (this.#peek().text === 'option') this.#skipStatement();
          else fields.push(this.#field(oneof));
        }
        this.#expect('}');
      } else if (text === 'option' || text === 'reserved' || text === 'extensions') {
        this.#skipStatement();
      } else if (text === 'extend') {
        this.#next();
        this.#qualified();
        this.#skipBlock();
      } else if (text === ';') {
        this.#next();
      } else {
        fields.push(this.#field(undefined));
      }
    }
    this.#expect('}');
    const numbers = new Set<number>();
    for (const field of fields) {
      if (numbers.has(field.number)) {
        throw new ProtoSyntaxError(`Field number ${field.number} is used twice in message ${name}`);
      }
      numbers.add(field.number);
    }
    return { name, fields, messages, enums };
  }

  #field(oneof: string | undefined): ProtoField {
    let label = '';
    const { text } = this.#peek();
    if ((text === 'repeated' || text === 'optional' || text === 'required') && this.#peek(1).text !== '=') {
      label = this.#next().text;
    }
    let mapKey: string | undefined;
    let type: string;
    if (this.#peek().text === 'map' && this.#peek(1).text === '<') {
      this.#next();
      this.#next();
      mapKey = this.#word();
      this.#expect(',');
      type = this.#qualified();
      this.#expect('>');
    } else {
      type = this.#qualified();
    }
    const name = this.#word();
    this.#expect('=');
    const number = Number(this.#next().text);
    if (!Number.isInteger(number) || number < 1 || number > 536_870_911) {
      throw new ProtoSyntaxError(`Field ${name} has no valid number`);
    }
    const params: Record<string, string> = {};
    if (this.#peek().text === '[') this.#options(params);
    this.#expect(';');
    return {
      name,
      type,
      number,
      repeated: label === 'repeated',
      optional: label === 'optional',
      required: label === 'required',
      ...(oneof === undefined ? {} : { oneof }),
      ...(mapKey === undefined ? {} : { mapKey }),
      params,
    };
  }

  /** The options of a field; of them only pairs of `key: "..."` and `value: "..."` are kept, wherever they stand. */
  #options(params: Record<string, string>): void {
    let depth = 0;
    let key: string | undefined;
    let value: string | undefined;
    do {
      const token = this.#next();
      if (token.kind === 'end') this.#fail(token);
      if ('[{('.includes(token.text)) depth++;
      if (']})'.includes(token.text)) depth--;
      if ((token.text === 'key' || token.text === 'value') && this.#peek().text === ':') {
        this.#next();
        const text = this.#next();
        if (token.text === 'key') key = text.text;
        else value = text.text;
        if (key !== undefined && value !== undefined) {
          params[key] = value;
          key = undefined;
          value = undefined;
        }
      }
    } while (depth > 0);
  }

  #enum(): ProtoEnum {
    const name = this.#word();
    const values: { name: string; number: number }[] = [];
    this.#expect('{');
    while (this.#peek().text !== '}') {
      const { text } = this.#peek();
      if (text === 'option' || text === 'reserved') this.#skipStatement();
      else if (text === ';') this.#next();
      else {
        const value = this.#word();
        this.#expect('=');
        const sign = this.#peek().text === '-' ? -1 : 1;
        if (sign < 0) this.#next();
        values.push({ name: value, number: sign * Number(this.#next().text) });
        if (this.#peek().text === '[') this.#options({});
        this.#expect(';');
      }
    }
    this.#expect('}');
    return { name, values };
  }

  #skipStatement(): void {
    let depth = 0;
    for (;;) {
      const token = this.#next();
      if (token.kind === 'end') this.#fail(token);
      if (token.kind !== 'symbol') continue;
      if (token.text === '{') depth++;
      if (token.text === '}') depth--;
      if (token.text === ';' && depth === 0) return;
    }
  }

  #skipBlock(): void {
    while (this.#peek().text !== '{') {
      if (this.#peek().kind === 'end') this.#fail(this.#peek());
      this.#next();
    }
    let depth = 0;
    do {
      const token = this.#next();
      if (token.kind === 'end') this.#fail(token);
      if (token.kind === 'symbol' && token.text === '{') depth++;
      if (token.kind === 'symbol' && token.text === '}') depth--;
    } while (depth > 0);
  }

  /** A name with dots, one before it allowed. */
  #qualified(): string {
    let name = '';
    if (this.#peek().text === '.') name = this.#next().text;
    name += this.#word();
    while (this.#peek().text === '.') {
      this.#next();
      name += `.${this.#word()}`;
    }
    return name;
  }

  #word(): string {
    const token = this.#next();
    if (token.kind !== 'word') this.#fail(token);
    return token.text;
  }

  #expect(text: string): void {
    const token = this.#next();
    if (token.kind === 'string' || token.text !== text) this.#fail(token, text);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #fail(token: Token, expected?: string): never {
    const hope = expected === undefined ? '' : `, expected '${expected}'`;
    throw new ProtoSyntaxError(`Syntax error in line ${token.line}: unexpected '${token.text}'${hope}`);
  }
}

/** The text in one canonical form: as Confluent's registry writes schemas that it made itself. */
export function formatProtoFile(file: ProtoFile): string {
  const lines = [`syntax = "${file.syntax}";`];
  if (file.package !== '') lines.push(`package ${file.package};`);
  lines.push('');
  if (file.imports.length > 0) {
    for (const name of file.imports) lines.push(`import "${name}";`);
    lines.push('');
  }
  for (const message of file.messages) formatMessage(message, '', lines);
  for (const type of file.enums) formatEnum(type, '', lines);
  return `${lines.join('\n')}\n`;
}

function formatMessage(message: ProtoMessage, indent: string, lines: string[]): void {
  lines.push(`${indent}message ${message.name} {`);
  const inner = `${indent}  `;
  const oneofs = new Set<string>();
  for (const field of message.fields) {
    if (field.oneof !== undefined) oneofs.add(field.oneof);
    else lines.push(...formatField(field).map((line) => inner + line));
  }
  for (const oneof of oneofs) {
    lines.push('', `${inner}oneof ${oneof} {`);
    for (const field of message.fields) {
      if (field.oneof === oneof) lines.push(...formatField(field).map((line) => `${inner}  ${line}`));
    }
    lines.push(`${inner}}`);
  }
  if (message.messages.length + message.enums.length > 0 && message.fields.length > 0) lines.push('');
  for (const nested of message.messages) formatMessage(nested, inner, lines);
  for (const nested of message.enums) formatEnum(nested, inner, lines);
  lines.push(`${indent}}`);
}

function formatField(field: ProtoField): string[] {
  const label = field.repeated
    ? 'repeated '
    : field.optional
      ? 'optional '
      : field.required
        ? 'required '
        : '';
  const type = field.mapKey === undefined ? field.type : `map<${field.mapKey}, ${field.type}>`;
  const start = `${label}${type} ${field.name} = ${field.number}`;
  const params = Object.entries(field.params);
  if (params.length === 0) return [`${start};`];
  const lines = [`${start} [(confluent.field_meta) = {`, '  params: ['];
  params.forEach(([key, value], i) => {
    const comma = i < params.length - 1 ? ',' : '';
    lines.push('    {', `      key: "${key}",`, `      value: "${value}"`, `    }${comma}`);
  });
  lines.push('  ]', '}];');
  return lines;
}

function formatEnum(type: ProtoEnum, indent: string, lines: string[]): void {
  lines.push(`${indent}enum ${type.name} {`);
  for (const value of type.values) lines.push(`${indent}  ${value.name} = ${value.number};`);
  lines.push(`${indent}}`);
}
