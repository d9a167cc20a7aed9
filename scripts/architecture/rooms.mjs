// The plan of docs/architecture.md as data: which room may import which.
// Used by the dependency-cruiser configuration; npm run lint enforces it.

/** The rooms of src, from the top down, each with the rooms that it may import. A room may import itself. */
export const ROOMS = {
  cli: [
    'console',
    'config',
    'sql',
    'ksqldb',
    'kafka',
    'migrations',
    'pipeline',
    'testing',
    'exporter',
    'sink',
    'store',
    'embedded',
    'errors',
  ],
  console: [
    'http',
    'config',
    'sql',
    'ksqldb',
    'kafka',
    'migrations',
    'pipeline',
    'testing',
    'store',
    'errors',
  ],
  testing: ['migrations', 'pipeline', 'sql', 'ksqldb', 'embedded', 'errors'],
  exporter: ['http', 'kafka', 'ksqldb', 'migrations', 'pipeline', 'errors'],
  sink: ['http', 'kafka', 'store', 'pipeline', 'errors'],
  pipeline: ['config', 'sql', 'ksqldb', 'kafka', 'store', 'errors'],
  migrations: ['ksqldb', 'sql', 'errors'],
  kafka: ['config', 'errors'],
  ksqldb: ['config', 'sql', 'errors'],
  http: ['errors'],
  config: ['errors'],
  embedded: ['store', 'sql', 'errors'],
  store: ['errors'],
  sql: ['errors'],
  errors: [],
};

/** The only files of a room that other rooms may import. */
export const DOORS = { embedded: ['cluster.ts'] };

/** The rooms inside the embedded cluster, from the top down. */
export const EMBEDDED_ROOMS = {
  store: [],
  ksqldb: ['kafka', 'schema-registry'],
  'schema-registry': [],
  kafka: [],
};

/** The floors of a room, from the top down: a floor imports only floors below it. */
export const FLOORS = {
  'embedded/kafka': ['network', 'protocol', 'transactions', 'groups', 'log', 'records', 'errors'],
  'embedded/ksqldb': [
    'sql-test',
    'rest',
    'statements',
    'queries',
    'pull',
    'runtime',
    'engine',
    'operators',
    'state',
    'plan',
    'analysis',
    'catalog',
    'formats',
    'expressions',
    'functions',
    'schema',
    'types',
  ],
};

/** The production half that has to stay thin: everything but the console, SQL as text and the embedded cluster. */
export const THIN_ROOMS = [
  'cli',
  'config',
  'errors',
  'exporter',
  'http',
  'kafka',
  'ksqldb',
  'migrations',
  'pipeline',
  'sink',
  'store',
  'testing',
];
