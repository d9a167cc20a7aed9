import { describe, expect, it } from 'vitest';
import { classifyKafkaError } from './errors.js';
import { decodeTopicId, encodeMetadataRequest } from './topic-id.js';

/** A response of a Kafka broker to Metadata 10 for one topic, without its correlation id. */
const response = (errorCode: string, id: string) =>
  Buffer.from(
    `00 00000000 02 00000001 0a3132372e302e302e31 00009975 00 00 03414f 00000001 02 ${errorCode} 0274 ${id} 00 01 80000000 00 80000000 00`.replaceAll(
      ' ',
      '',
    ),
    'hex',
  );

describe('the id of a topic', () => {
  it('is asked for by name', () => {
    expect(encodeMetadataRequest('t').toString('hex')).toBe(`0002${'00'.repeat(16)}02740000000000`);
    expect(encodeMetadataRequest('t'.repeat(200)).subarray(18, 20)).toEqual(Buffer.from([0xc9, 0x01]));
  });

  it('is read behind brokers with hosts, racks and tags', () => {
    const id = '32502f1ed05218f4c01af5d8336658a0';
    expect(decodeTopicId(response('0000', id))).toBe(id);
  });

  it('is null if the broker has no ids', () => {
    expect(decodeTopicId(response('0000', '0'.repeat(32)))).toBeNull();
  });

  // A topic that is being created must not count as one of a broker without ids: its offset would be trusted.
  it.each([
    ['0003', 'missing-topic'],
    ['001d', 'forbidden'],
    ['0005', 'other'],
  ])('is an error, not null, if the broker answers with error %s', (code, failure) => {
    const id = '32502f1ed05218f4c01af5d8336658a0';
    const error = (() => {
      try {
        return decodeTopicId(response(code, id));
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Error);
    expect(classifyKafkaError(error)).toBe(failure);
  });
});
