/** The messages and enums that a Protobuf schema can refer to: its own and imported ones. */
import {
  type ProtoEnum,
  type ProtoFile,
  type ProtoMessage,
  parseProtoFile,
} from '../../../schema-registry/proto-file.js';
import { KsqlException } from '../../errors.js';

export interface NamedMessage {
  readonly fullName: string;
  readonly message: ProtoMessage;
}

/** Well-known types, which schemas import without providing them. */
const wellKnown = [
  `syntax = "proto3"; package google.protobuf;
   message Timestamp { int64 seconds = 1; int32 nanos = 2; }
   message Duration { int64 seconds = 1; int32 nanos = 2; }
   message Empty {}
   message DoubleValue { double value = 1; }
   message FloatValue { float value = 1; }
   message Int64Value { int64 value = 1; }
   message UInt64Value { uint64 value = 1; }
   message Int32Value { int32 value = 1; }
   message UInt32Value { uint32 value = 1; }
   message BoolValue { bool value = 1; }
   message StringValue { string value = 1; }
   message BytesValue { bytes value = 1; }`,
  `syntax = "proto3"; package google.type;
   message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
   message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }`,
  `syntax = "proto3"; package confluent.type;
   message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
];

let wellKnownFiles: readonly ProtoFile[] | undefined;

export class ProtoTypes {
  readonly file: ProtoFile;
  readonly #messages = new Map<string, ProtoMessage>();
  readonly #enums = new Map<string, ProtoEnum>();

  /** @param dependencies the texts of the imported schemas */
  constructor(text: string, dependencies: Iterable<string> = []) {
    wellKnownFiles ??= wellKnown.map(parseProtoFile);
    this.file = parseProtoFile(text);
    for (const file of [...wellKnownFiles, ...[...dependencies].map(parseProtoFile), this.file]) {
      this.#add(file.package, file.messages, file.enums);
    }
  }

  /** Returns the message with that full name, or the first one of the file if no name is given. */
  root(fullName?: string): NamedMessage {
    const [first] = this.file.messages;
    const name = fullName ?? (first === undefined ? '' : qualified(this.file.package, first.name));
    const message = this.#messages.get(name);
    if (message === undefined) throw new KsqlException(`The schema has no message named ${name}`);
    return { fullName: name, message };
  }

  /** Returns the full names of the file's top-level messages. */
  rootNames(): string[] {
    return this.file.messages.map(({ name }) => qualified(this.file.package, name));
  }

  /** Finds a message by the indexes of each level, as records of the registry refer to it. */
  byIndexes(indexes: readonly number[]): NamedMessage {
    let name = this.file.package;
    let { messages } = this.file;
    let found: ProtoMessage | undefined;
    for (const index of indexes) {
      found = messages[index];
      if (found === undefined)
        throw new KsqlException(`The schema has no message with the indexes ${indexes.join(', ')}`);
      name = qualified(name, found.name);
      messages = found.messages;
    }
    if (found === undefined) return this.root();
    return { fullName: name, message: found };
  }

  /** Resolves a type name within a message, from the innermost scope outwards. */
  resolve(type: string, scope: string): NamedMessage | ProtoEnum {
    if (type.startsWith('.')) return this.#find(type.slice(1)) ?? unknown(type);
    for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      const found = this.#find(qualified(outer, type));
      if (found !== undefined) return found;
      if (outer === '') return unknown(type);
    }
  }

  #find(fullName: string): NamedMessage | ProtoEnum | undefined {
    const message = this.#messages.get(fullName);
    return message === undefined ? this.#enums.get(fullName) : { fullName, message };
  }

  #add(scope: string, messages: readonly ProtoMessage[], enums: readonly ProtoEnum[]): void {
    for (const type of enums) this.#enums.set(qualified(scope, type.name), type);
    for (const message of messages) {
      const name = qualified(scope, message.name);
      this.#messages.set(name, message);
      this.#add(name, message.messages, message.enums);
    }
  }
}

function qualified(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function unknown(type: string): never {
  throw new KsqlException(`The schema does not define the type ${type}`);
}
