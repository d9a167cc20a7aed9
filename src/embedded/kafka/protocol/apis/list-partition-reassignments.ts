/**
 * ListPartitionReassignments (key 46), version 0, flexible.
 *
 * - With one broker there is never one under way.
 */
import type { Api, Reply } from '../api.js';

export const listPartitionReassignments: Api = {
  key: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexibleFrom: 0,
  handle,
};

function handle(): Reply {
  return (writer) => {
    writer
      .int32(0)
      .int16(0)
      .string(null)
      .array([], () => {});
    writer.tags();
  };
}
