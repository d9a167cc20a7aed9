/** All endpoints and their handlers. */

import { badRequest, errorCodes, genericError, RestError } from '../rest-error.js';
import type { StatementContext } from '../statements/context.js';
import { isKnownProperty } from '../statements/property-names.js';
import { delimitedType, jsonType, ksqlV1JsonType } from './accept.js';
import type { CommandStatuses } from './command-statuses.js';
import type { Exchange } from './exchange.js';
import { insertsStream } from './inserts-stream.js';
import type { KsqlResource } from './ksql-resource.js';
import type { QueryResource } from './query-resource.js';
import { parseBody, parseKsqlRequest, parseQueryStreamRequest, textField } from './requests.js';
import type { Route } from './router.js';
import type { RunningQueries } from './running-queries.js';

export interface RestContext {
  readonly context: StatementContext;
  readonly statuses: CommandStatuses;
  readonly running: RunningQueries;
  readonly ksql: KsqlResource;
  readonly queries: QueryResource;
  readonly clusterId: string;
  readonly mostBodyBytes: number;
}

/** The version of ksqlDB that the responses match. */
const ksqlVersion = '7.9.9';

const json = [ksqlV1JsonType, jsonType] as const;

export function restRoutes(rest: RestContext): readonly Route[] {
  const { context, statuses, running, ksql, queries } = rest;
  const get = (path: string, answer: (exchange: Exchange) => unknown): Route => ({
    method: 'GET',
    path,
    produces: json,
    handle: (exchange) => exchange.sendJson(200, answer(exchange)),
  });
  const body = (exchange: Exchange): Promise<string> => exchange.readText(rest.mostBodyBytes);
  const scope = {
    path: [],
    clusters: { 'kafka-cluster': rest.clusterId, 'ksql-cluster': context.engine.serviceId },
  };
  /** These endpoints are for clusters of ksqlDB servers. A single server does not offer them. */
  const notHere = (method: Route['method'], path: string): Route => ({
    method,
    path,
    produces: json,
    handle: (exchange) => exchange.send(404, '', jsonType),
  });
  return [
    { method: 'GET', path: '/', handle: (exchange) => exchange.redirect('/info') },
    { method: 'GET', path: '/chc/ready', handle: (exchange) => exchange.sendJson(200, {}) },
    { method: 'GET', path: '/chc/live', handle: (exchange) => exchange.sendJson(200, {}) },
    get('/info', () => ({
      KsqlServerInfo: {
        version: ksqlVersion,
        kafkaClusterId: rest.clusterId,
        ksqlServiceId: context.engine.serviceId,
        serverStatus: 'RUNNING',
      },
    })),
    get('/healthcheck', () => ({
      isHealthy: true,
      details: {
        metastore: { isHealthy: true },
        kafka: { isHealthy: true },
        commandRunner: { isHealthy: true },
      },
      serverState: 'READY',
    })),
    get('/v1/metadata', () => ({ version: ksqlVersion, clusterId: { scope, id: '' } })),
    get('/v1/metadata/id', () => ({ scope, id: '' })),
    notHere('GET', '/clusterStatus'),
    notHere('POST', '/heartbeat'),
    notHere('POST', '/lag'),
    {
      method: 'GET',
      path: '/is_valid_property/:property',
      produces: json,
      handle: (exchange, { params }) => {
        const property = params.property ?? '';
        if (property === 'ksql.service.id') {
          throw badRequest(
            'One or more properties overrides set locally are prohibited by the KSQL server denylist ' +
              `(use UNSET to reset their default value): [${property}]`,
          );
        }
        // ksqlDB reports only names with its own prefixes. Other names may belong to clients.
        const isOwn = property.startsWith('ksql.');
        if (isOwn && !isKnownProperty(property)) {
          throw badRequest(
            `Not recognizable as ksql, streams, consumer, or producer property: '${property}'`,
          );
        }
        exchange.sendJson(200, true);
      },
    },
    get('/status', () => ({ commandStatuses: statuses.all() })),
    {
      method: 'GET',
      path: '/status/:type/:entity/:action',
      produces: json,
      handle: (exchange, { params }) => {
        const status = statuses.get(`${params.type}/${params.entity}/${params.action}`);
        if (status === undefined) {
          exchange.sendError(genericError(404, errorCodes.notFound, 'Command not found'), jsonType);
        } else exchange.sendJson(200, status);
      },
    },
    {
      method: 'POST',
      path: '/ksql',
      produces: json,
      handle: async (exchange) => {
        const request = parseKsqlRequest(await body(exchange));
        try {
          exchange.sendJson(200, await ksql.handle(request));
        } catch (error) {
          sendAsJson(exchange, error);
        }
      },
    },
    {
      method: 'POST',
      path: '/ksql/terminate',
      produces: json,
      handle: async (exchange) => {
        parseBody(await body(exchange));
        throw badRequest(
          'The embedded ksqlDB is stopped by the process that started it: /ksql/terminate is not supported.',
        );
      },
    },
    {
      method: 'POST',
      path: '/query',
      produces: [delimitedType, ksqlV1JsonType, jsonType],
      handle: async (exchange, { mediaType }) => {
        const request = parseKsqlRequest(await body(exchange));
        // Unlike /query-stream, this endpoint uses the older row format for application/json.
        await queries.query(exchange, request, mediaType === jsonType ? ksqlV1JsonType : mediaType);
      },
    },
    {
      method: 'POST',
      path: '/query-stream',
      produces: [delimitedType, jsonType, ksqlV1JsonType],
      handle: async (exchange, { mediaType }) => {
        await queries.queryStream(exchange, parseQueryStreamRequest(await body(exchange)), mediaType);
      },
    },
    {
      method: 'POST',
      path: '/inserts-stream',
      produces: [delimitedType, jsonType],
      handle: (exchange, { mediaType }) => insertsStream(context, exchange, mediaType),
    },
    {
      method: 'POST',
      path: '/close-query',
      handle: async (exchange) => {
        const queryId = textField(parseBody(await body(exchange)), 'queryId') ?? '';
        if (!running.close(queryId)) throw badRequest(`No query with id ${queryId}`);
        exchange.send(200, '');
      },
    },
  ];
}

function sendAsJson(exchange: Exchange, error: unknown): void {
  if (!(error instanceof RestError)) throw error;
  exchange.sendError(error, jsonType);
}
