/**
 * DescribeCluster (key 60), versions 0 to 1, flexible from 0.
 *
 * - One broker, which is the controller as well. Only the brokers' endpoints (type 1) can be asked for.
 */
import type { Api, ApiRequest, Reply } from '../api.js';
import { operationsNotAsked } from '../api.js';
import { clusterOperations } from './metadata.js';

export const describeCluster: Api = {
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexibleFrom: 0,
  handle,
};

function handle({ reader, version, broker, connection }: ApiRequest): Reply {
  const asksOperations = reader.boolean();
  const endpointType = version >= 1 ? reader.int8() : 1;
  return (writer) => {
    writer.int32(0).int16(0).string(null);
    if (version >= 1) writer.int8(endpointType);
    writer.string(broker.clusterId).int32(broker.nodeId);
    writer.array([connection.advertised], ({ host, port }) => {
      writer.int32(broker.nodeId).string(host).int32(port).string(null).tags();
    });
    writer.int32(asksOperations ? clusterOperations : operationsNotAsked).tags();
  };
}
