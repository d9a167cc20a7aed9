// Enforces the rooms of scripts/architecture/rooms.mjs. Biome's noImportCycles forbids circles of files, also in
// the console's TSX, which dependency-cruiser cannot read without an older TypeScript.
import { DOORS, EMBEDDED_ROOMS, FLOORS, ROOMS } from './scripts/architecture/rooms.mjs';

const TEST_FILES = '\\.test(-util)?\\.ts$';

/** One rule for each room: what it imports below `root` is its own, or on the list. */
function roomRules(root, rooms, doors = {}) {
  return Object.entries(rooms).flatMap(([room, allowed]) => {
    const rule = {
      name: `arrow-${root.replaceAll('/', '-')}${room}`,
      comment: `${root}${room} may import only: ${[room, ...allowed].join(', ')} (docs/architecture.md).`,
      severity: 'error',
    };
    const path = `^${root}[^/]+/`;
    const pathNot = [
      `^${root}${room}/`,
      ...allowed.map((name) =>
        doors[name] === undefined ? `^${root}${name}/` : `^${root}${name}/(${doors[name].join('|')})$`,
      ),
    ];
    return [
      { ...rule, from: { path: `^${root}${room}/`, pathNot: TEST_FILES }, to: { path, pathNot } },
      // Tests may start the embedded cluster from any room: they run against it.
      {
        ...rule,
        name: `${rule.name}-tests`,
        from: { path: `^${root}${room}/.*${TEST_FILES}` },
        to: { path, pathNot: [...pathNot, '^src/embedded/cluster\\.ts$'] },
      },
    ];
  });
}

/** A floor imports only the floors below it. */
function floorRules(room, floors) {
  return floors.slice(1).map((floor, index) => ({
    name: `floor-${room.replaceAll('/', '-')}-${floor}`,
    comment: `${room}/${floor} may not import the floors above it: ${floors.slice(0, index + 1).join(', ')}.`,
    severity: 'error',
    from: { path: `^src/${room}/${floor}/`, pathNot: TEST_FILES },
    to: { path: `^src/${room}/(${floors.slice(0, index + 1).join('|')})/` },
  }));
}

/** @type {import('dependency-cruiser').IConfiguration} */
const configuration = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that import each other cannot be understood one after the other.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'kafkajs-in-one-room',
      comment: 'Replacing kafkajs has to touch one folder only.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/kafka/' },
      to: { path: 'node_modules/kafkajs|^kafkajs$' },
    },
    ...roomRules('src/', ROOMS, DOORS),
    ...roomRules('src/embedded/', EMBEDDED_ROOMS),
    ...Object.entries(FLOORS).flatMap(([room, floors]) => floorRules(room, floors)),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/console/web/' },
  },
};

// biome-ignore lint/style/noDefaultExport: dependency-cruiser loads its configuration as a default export.
export default configuration;
