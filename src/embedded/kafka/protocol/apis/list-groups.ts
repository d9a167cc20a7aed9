/**
 * ListGroups (key 16), versions 0 to 5, flexible from 3.
 *
 * - Filters by state (from 4) and type (from 5, all groups here are "classic"), without regard to case.
 */
import type { Api, ApiRequest, Reply } from '../api.js';

const groupType = 'classic';

export const listGroups: Api = { key: 16, name: 'ListGroups', versions: [0, 5], flexibleFrom: 3, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const lower = () => reader.string().toLowerCase();
  const states = version >= 4 ? reader.array(lower) : [];
  const types = version >= 5 ? reader.array(lower) : [];
  const groups = broker.groups
    .groups()
    .filter((group) => states.length === 0 || states.includes(group.state.toLowerCase()))
    .filter(() => types.length === 0 || types.includes(groupType));
  return (writer) => {
    if (version >= 1) writer.int32(0);
    writer.int16(0).array(groups, (group) => {
      writer.string(group.id).string(group.protocolType ?? '');
      if (version >= 4) writer.string(group.state);
      if (version >= 5) writer.string(groupType);
      writer.tags();
    });
    writer.tags();
  };
}
