import { describe, expect, it } from 'vitest';
import { Group } from './group.js';
import type { JoinRequest, JoinResult } from './group-types.js';

function newGroup(): Group {
  return new Group('g', { initialRebalanceDelayMs: 0, now: () => 0, save: () => {} });
}

function request(options: Partial<JoinRequest> & { readonly names?: readonly string[] } = {}): JoinRequest {
  const { names = ['range'], ...rest } = options;
  return {
    memberId: '',
    instanceId: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    protocolType: 'consumer',
    protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
    requiresKnownMemberId: false,
    canSkipAssignment: false,
    ...rest,
  };
}

/** Brings members into a stable generation, each with its own id as assignment. */
async function stable(group: Group, requests: readonly JoinRequest[]): Promise<JoinResult[]> {
  const first = await group.join(requests[0]!);
  const rest = requests.slice(1).map((one) => group.join(one));
  const again = rest.length === 0 ? first : await group.join({ ...requests[0]!, memberId: first.memberId });
  const joined = [again, ...(await Promise.all(rest))];
  const leader = joined.find(({ memberId, leader: id }) => memberId === id)!;
  const assignments = leader.members.map(({ memberId }) => ({ memberId, assignment: Buffer.from(memberId) }));
  const synced = await Promise.all(
    joined.map(({ memberId, generation }) =>
      group.sync(memberId, null, generation, null, null, memberId === leader.memberId ? assignments : []),
    ),
  );
  expect(synced.map(({ assignment }) => assignment.toString())).toEqual(
    joined.map(({ memberId }) => memberId),
  );
  expect(group.state).toBe('Stable');
  return joined;
}

describe('a consumer group', () => {
  it('tells only the leader of the members, and each member its assignment', async () => {
    const group = newGroup();
    const joined = await stable(group, [request(), request(), request()]);
    expect(new Set(joined.map(({ generation }) => generation)).size).toBe(1);
    expect(joined.map(({ members }) => members.length).sort()).toEqual([0, 0, 3]);
    group.clearMembers();
  });

  it('gives a new member its id first, from JoinGroup 4 on, and waits for it', async () => {
    const group = newGroup();
    const { error, memberId } = await group.join(request({ requiresKnownMemberId: true }));
    expect(error).toBe('MEMBER_ID_REQUIRED');
    const joined = await group.join(request({ memberId, requiresKnownMemberId: true }));
    expect(joined).toMatchObject({ memberId, leader: memberId, generation: 1 });
    expect((await group.join(request({ memberId: 'made up' }))).error).toBe('UNKNOWN_MEMBER_ID');
    group.clearMembers();
  });

  it('elects the protocol that all support and most prefer, and refuses members that share none', async () => {
    const group = newGroup();
    const joined = await stable(group, [
      request({ names: ['sticky', 'range', 'roundrobin'] }),
      request({ names: ['roundrobin', 'range'] }),
      request({ names: ['roundrobin', 'range', 'sticky'] }),
    ]);
    expect(joined[0]!.protocol).toBe('roundrobin');
    expect((await group.join(request({ names: ['other'] }))).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect((await group.join(request({ protocolType: 'connect' }))).error).toBe(
      'INCONSISTENT_GROUP_PROTOCOL',
    );
    group.clearMembers();
  });

  it('answers heartbeats and commits by member, generation and state', async () => {
    const group = newGroup();
    const [one] = await stable(group, [request()]);
    const { memberId, generation } = one!;
    expect(group.heartbeat(memberId, null, generation)).toBeUndefined();
    expect(group.heartbeat(memberId, null, generation + 1)).toBe('ILLEGAL_GENERATION');
    expect(group.heartbeat('nobody', null, generation)).toBe('UNKNOWN_MEMBER_ID');
    expect(group.checkCommit(memberId, null, generation, false)).toBeUndefined();
    expect(group.checkCommit('', null, -1, false)).toBe('UNKNOWN_MEMBER_ID');
    const two = group.join(request());
    expect(group.heartbeat(memberId, null, generation)).toBe('REBALANCE_IN_PROGRESS');
    expect(group.checkCommit(memberId, null, generation, false)).toBeUndefined();
    const again = await group.join(request({ memberId }));
    expect(again.generation).toBe(generation + 1);
    expect(group.checkCommit(memberId, null, generation + 1, false)).toBe('REBALANCE_IN_PROGRESS');
    await two;
    group.clearMembers();
  });

  it('drops a member that does not join again in time, and one that falls silent', async () => {
    const group = newGroup();
    const [one] = await stable(group, [request({ rebalanceTimeout: 50 })]);
    const two = await group.join(request({ rebalanceTimeout: 50 }));
    expect(two.generation).toBe(one!.generation + 1);
    expect([...group.members.keys()]).toEqual([two.memberId]);
    await group.sync(two.memberId, null, two.generation, null, null, []);
    const silent = group.join(request({ sessionTimeout: 50 }));
    await group.join(request({ memberId: two.memberId }));
    await silent;
    await group.sync(two.memberId, null, group.generation, null, null, []);
    while (group.members.size > 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(group.heartbeat(two.memberId, null, group.generation)).toBe('REBALANCE_IN_PROGRESS');
    group.clearMembers();
  });

  it('lets a restarted static member take its place without a rebalance, and fences the old one', async () => {
    const group = newGroup();
    const first = await group.join(request({ instanceId: 'i' }));
    await group.sync(first.memberId, 'i', first.generation, null, null, [
      { memberId: first.memberId, assignment: Buffer.from('mine') },
    ]);
    const second = await group.join(request({ instanceId: 'i' }));
    expect(second.memberId).not.toBe(first.memberId);
    expect(second.generation).toBe(first.generation);
    const synced = await group.sync(second.memberId, 'i', second.generation, null, null, []);
    expect(synced.assignment.toString()).toBe('mine');
    expect(group.heartbeat(first.memberId, 'i', first.generation)).toBe('FENCED_INSTANCE_ID');
    expect((await group.join(request({ instanceId: 'i', memberId: first.memberId }))).error).toBe(
      'FENCED_INSTANCE_ID',
    );
    expect(group.leave('', 'i')).toBeUndefined();
    expect(group.members.size).toBe(0);
    expect(group.state).toBe('Empty');
  });

  it('is the same after it was saved and restored', async () => {
    const group = newGroup();
    const [one] = await stable(group, [request(), request()]);
    const restored = newGroup();
    restored.restore(group.saved());
    expect(restored.saved()).toEqual(group.saved());
    expect(restored.heartbeat(one!.memberId, null, one!.generation)).toBeUndefined();
    group.clearMembers();
    restored.clearMembers();
  });
});
