import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress, compressionTypes, decompress } from './codecs.js';
import { crc32c, crc32cInScript } from './crc32c.js';
import { encodeBatch } from './encode-batch.js';
import { murmur2, partitionFor } from './murmur2.js';
import { batches, RecordBatch } from './record-batch.js';

const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data));
const record = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
  headers: fc.array(fc.record({ key: fc.string(), value: fc.option(bytes) }), { maxLength: 3 }),
});

describe('record batches', () => {
  it('give back every record that went in, with every codec', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...compressionTypes),
        fc.integer({ min: 0, max: 2 ** 50 }),
        (records, compression, baseOffset) => {
          const encoded = encodeBatch(records, { compression, baseOffset });
          const [batch] = [...batches(encoded)];
          expect(batch!.isIntact()).toBe(true);
          expect(batch!.compression).toBe(compression);
          expect(batch!.maxTimestamp).toBe(Math.max(...records.map(({ timestamp }) => timestamp)));
          const seen: unknown[] = [];
          batch!.forEachRecord((offset, timestamp, key, value, headers) => {
            expect(offset).toBe(baseOffset + seen.length);
            seen.push({ key, value, timestamp, headers });
          });
          expect(seen).toEqual(records);
        },
      ),
    );
  });

  it('with any bit changed are not intact, or differ only in what the checksum leaves out', () => {
    const original = encodeBatch([{ key: Buffer.from('k'), value: Buffer.from('some value'), timestamp: 5 }]);
    for (let bit = 16 * 8; bit < original.length * 8; bit++) {
      const changed = Buffer.from(original);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      if (changed[16] === 2) expect(new RecordBatch(changed, 0, changed.length).isIntact()).toBe(false);
    }
  });

  it('cut anywhere or filled with noise never do more than throw', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.nat(),
        (records, at, noise) => {
          const encoded = encodeBatch(records);
          encoded[61 + (at % (encoded.length - 61))] = noise & 0xff;
          const batch = new RecordBatch(encoded, 0, encoded.length);
          try {
            batch.forEachRecord((_offset, _timestamp, key, value) => {
              expect((key?.length ?? 0) + (value?.length ?? 0)).toBeLessThanOrEqual(encoded.length);
            });
          } catch (error) {
            expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE' });
          }
        },
      ),
    );
  });
});

describe('codecs', () => {
  it('refuse what would unpack to more than the limit', () => {
    const zeros = Buffer.alloc(5_000_000);
    for (const type of compressionTypes.filter((name) => name !== 'none')) {
      expect(() => decompress(type, compress(type, zeros), 1_000_000)).toThrow('cannot be unpacked');
    }
  });

  it('refuse noise', () => {
    fc.assert(
      fc.property(fc.constantFrom('gzip', 'snappy', 'lz4', 'zstd' as const), bytes, (type, noise) => {
        try {
          expect(decompress(type, noise, 1_000_000).length).toBeLessThanOrEqual(1_000_000);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE' });
        }
      }),
    );
  });
});

it('CRC-32C is that of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
});

it('CRC-32C is the same with and without the native module, at every length and start', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 5000, size: 'max' }), fc.nat(100), (data, start) => {
      const from = Math.min(start, data.length);
      expect(crc32c(data, from)).toBe(crc32cInScript(data, from));
    }),
    { numRuns: 50 },
  );
});

it("murmur2 is that of Kafka's own test", () => {
  expect(murmur2(Buffer.from('21'))).toBe(-973932308);
  expect(murmur2(Buffer.from('foobar'))).toBe(-790332482);
  expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536);
  expect(murmur2(Buffer.from('a-little-bit-longer-string'))).toBe(-1486304829);
  expect(murmur2(Buffer.from('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'))).toBe(-58897971);
  expect(murmur2(Buffer.from('abc'))).toBe(479470107);
  expect(partitionFor(Buffer.from('21'), 1000)).toBe((-973932308 & 0x7fffffff) % 1000);
});
