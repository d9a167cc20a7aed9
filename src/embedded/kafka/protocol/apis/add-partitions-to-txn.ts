/**
 * AddPartitionsToTxn (key 24), versions 0 to 5, flexible from 3, several transactions at once from 4.
 *
 * - Begins the transaction with its first partition. If one partition does not exist, none is added
 *   (OPERATION_NOT_ATTEMPTED for the others).
 * - From 4 verify_only asks whether partitions are part of the open transaction, and changes nothing.
 */

import { errorCode, KafkaError } from '../../errors/error-codes.js';
import type { Writer } from '../../records/writer.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { codeOfFencing } from '../transaction-errors.js';

interface Wanted {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly verifyOnly: boolean;
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

type CodeOf = (topic: string, partition: number) => number;

export const addPartitionsToTxn: Api = {
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  handle,
};

function handle(request: ApiRequest): Reply {
  const { reader, version } = request;
  const readOne = (): Wanted => {
    const transactionalId = reader.string();
    const producerId = reader.int64();
    const producerEpoch = reader.int16();
    const verifyOnly = version >= 4 ? reader.boolean() : false;
    const topics = reader.array(() => {
      const topic = { topic: reader.string(), partitions: reader.array(() => reader.int32()) };
      reader.tags();
      return topic;
    });
    if (version >= 4) reader.tags();
    return { transactionalId, producerId, producerEpoch, verifyOnly, topics };
  };
  const wanted = version <= 3 ? [readOne()] : reader.array(readOne);
  const answers = wanted.map((one) => ({ ...one, codeOf: add(request, one) }));
  return (writer) => {
    writer.int32(0);
    if (version <= 3) {
      writeTopics(writer, answers[0]!);
    } else {
      writer.int16(0).array(answers, (answer) => {
        writer.string(answer.transactionalId);
        writeTopics(writer, answer);
        writer.tags();
      });
    }
    writer.tags();
  };
}

function add({ broker, version }: ApiRequest, wanted: Wanted): CodeOf {
  const { transactionalId, producerId, producerEpoch, topics, verifyOnly } = wanted;
  const partitions = topics.flatMap(({ topic, partitions: numbers }) =>
    numbers.map((partition) => ({ topic, partition })),
  );
  const exists = (topic: string, partition: number) => broker.store.partition(topic, partition) !== undefined;
  if (partitions.some(({ topic, partition }) => !exists(topic, partition))) {
    return (topic, partition) =>
      errorCode(exists(topic, partition) ? 'OPERATION_NOT_ATTEMPTED' : 'UNKNOWN_TOPIC_OR_PARTITION');
  }
  try {
    if (verifyOnly) {
      for (const { topic, partition } of partitions) {
        broker.transactions.checkProduce(transactionalId, producerId, producerEpoch, topic, partition);
      }
    } else {
      broker.transactions.addPartitions(transactionalId, producerId, producerEpoch, partitions);
    }
    return () => 0;
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    const code = codeOfFencing(error, version);
    return () => code;
  }
}

function writeTopics(writer: Writer, { topics, codeOf }: Wanted & { readonly codeOf: CodeOf }): void {
  writer.array(topics, ({ topic, partitions }) => {
    writer.string(topic).array(partitions, (partition) => {
      writer.int32(partition).int16(codeOf(topic, partition)).tags();
    });
    writer.tags();
  });
}
