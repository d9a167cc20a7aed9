import { randomUUID } from 'node:crypto';
import { KafkaError, type KafkaErrorName } from '../errors/error-codes.js';
import type { CommittedOffset, SavedGroup } from './group-records.js';
import type {
  GroupHost,
  GroupState,
  JoinRequest,
  JoinResult,
  Member,
  Protocol,
  SyncResult,
} from './group-types.js';
import { hasSameProtocols, subscribedTopics } from './subscription.js';

const nothing = Buffer.alloc(0);

/**
 * A consumer group of the classic protocol: its members, its generation, and the two barriers (join, sync)
 * of a rebalance. States and transitions are those of Kafka's group coordinator (KIP-62, 345, 394, 814).
 */
export class Group {
  readonly id: string;
  readonly members = new Map<string, Member>();
  readonly offsets = new Map<string, Map<number, CommittedOffset>>();
  /** Offsets committed in transactions that are still open, by producer id. */
  readonly pendingOffsets = new Map<number, Map<string, Map<number, CommittedOffset>>>();
  state: GroupState = 'Empty';
  generation = 0;
  protocolType: string | null = null;
  protocol: string | null = null;
  leader: string | null = null;
  /** When the state was last changed: empty groups lose their offsets some time after. */
  stateSince: number;
  readonly #host: GroupHost;
  readonly #instances = new Map<string, string>();
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #rebalanceTimer: NodeJS.Timeout | undefined;
  #isInitialDelay = false;

  constructor(id: string, host: GroupHost) {
    this.id = id;
    this.#host = host;
    this.stateSince = host.now();
  }

  join(request: JoinRequest): Promise<JoinResult> {
    return new Promise((resolve) => {
      const problem = this.#join(request, resolve);
      if (problem !== undefined) resolve(problem);
    });
  }

  sync(
    memberId: string,
    instanceId: string | null,
    generation: number,
    protocolType: string | null,
    protocol: string | null,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<SyncResult> {
    const failed = (error: KafkaErrorName): Promise<SyncResult> =>
      Promise.resolve({ error, protocolType: null, protocol: null, assignment: nothing });
    const problem = this.#memberProblem(memberId, instanceId, generation);
    if (problem !== undefined) return failed(problem);
    if (
      (protocolType !== null && protocolType !== this.protocolType) ||
      (protocol !== null && protocol !== this.protocol)
    ) {
      return failed('INCONSISTENT_GROUP_PROTOCOL');
    }
    const member = this.members.get(memberId)!;
    switch (this.state) {
      case 'PreparingRebalance':
        return failed('REBALANCE_IN_PROGRESS');
      case 'Stable':
        this.#touch(member);
        return Promise.resolve(this.#syncResult(member));
      case 'CompletingRebalance':
        return new Promise((resolve) => {
          member.awaitingSync?.({
            error: 'REBALANCE_IN_PROGRESS',
            protocolType: null,
            protocol: null,
            assignment: nothing,
          });
          member.awaitingSync = resolve;
          this.#touch(member);
          if (memberId === this.leader) this.#assign(assignments);
        });
      default:
        return failed('UNKNOWN_MEMBER_ID');
    }
  }

  /** Returns the error, if any. */
  heartbeat(memberId: string, instanceId: string | null, generation: number): KafkaErrorName | undefined {
    const problem = this.#memberProblem(memberId, instanceId, generation);
    if (problem !== undefined) return problem;
    this.#touch(this.members.get(memberId)!);
    return this.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined;
  }

  /** Returns the error, if any. A static member may leave by its instance id alone. */
  leave(memberId: string, instanceId: string | null): KafkaErrorName | undefined {
    if (instanceId !== null) {
      const current = this.#instances.get(instanceId);
      if (current === undefined) return 'UNKNOWN_MEMBER_ID';
      if (memberId !== '' && memberId !== current) return 'FENCED_INSTANCE_ID';
      this.#remove(this.members.get(current)!);
      return undefined;
    }
    if (this.#forgetPending(memberId)) {
      this.#tryCompleteJoin();
      return undefined;
    }
    const member = this.members.get(memberId);
    if (member === undefined) return 'UNKNOWN_MEMBER_ID';
    this.#remove(member);
    return undefined;
  }

  /** May this member of this generation commit offsets? An empty id and generation below 0: no member at all. */
  checkCommit(
    memberId: string,
    instanceId: string | null,
    generation: number,
    isTransactional: boolean,
  ): KafkaErrorName | undefined {
    const isMemberless = generation < 0 && memberId === '' && instanceId === null;
    if (isMemberless && (this.state === 'Empty' || isTransactional)) return undefined;
    if (generation < 0 && this.state === 'Empty') return undefined;
    const problem = this.#memberProblem(memberId, instanceId, generation);
    if (problem !== undefined) return problem;
    this.#touch(this.members.get(memberId)!);
    return this.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined;
  }

  /** Topics that a member of a consumer group is subscribed to. */
  isSubscribedTo(topic: string): boolean {
    for (const member of this.members.values()) {
      const metadata = member.protocols.find((protocol) => protocol.name === this.protocol)?.metadata;
      if (metadata !== undefined && subscribedTopics(metadata).includes(topic)) return true;
    }
    return false;
  }

  metadataOf(member: Member): Buffer {
    return member.protocols.find((protocol) => protocol.name === this.protocol)?.metadata ?? nothing;
  }

  /** Takes over what the log says, at start: the members have their session timeout to be heard again. */
  restore(saved: SavedGroup): void {
    this.clearMembers();
    this.generation = saved.generation;
    this.protocolType = saved.protocolType === '' ? null : saved.protocolType;
    this.protocol = saved.protocol;
    this.leader = saved.leader;
    this.stateSince = saved.timestamp;
    this.state = saved.members.length === 0 ? 'Empty' : 'Stable';
    for (const member of saved.members) {
      this.#add({
        ...member,
        protocols: [{ name: saved.protocol ?? '', metadata: member.subscription }],
        awaitingJoin: undefined,
        awaitingSync: undefined,
        timer: undefined,
      });
    }
  }

  startTimers(): void {
    for (const member of this.members.values()) this.#touch(member);
  }

  clearMembers(): void {
    clearTimeout(this.#rebalanceTimer);
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
    for (const member of this.members.values()) {
      clearTimeout(member.timer);
      member.awaitingJoin?.(this.#joinFailed('NOT_COORDINATOR', member.memberId));
      this.#answerSync(member, 'NOT_COORDINATOR');
    }
    this.members.clear();
    this.#instances.clear();
  }

  saved(): SavedGroup {
    return {
      protocolType: this.protocolType ?? '',
      generation: this.generation,
      protocol: this.protocol,
      leader: this.leader,
      timestamp: this.stateSince,
      members: [...this.members.values()].map((member) => ({
        memberId: member.memberId,
        instanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeout,
        sessionTimeout: member.sessionTimeout,
        subscription: this.metadataOf(member),
        assignment: member.assignment,
      })),
    };
  }

  #join(request: JoinRequest, resolve: (result: JoinResult) => void): JoinResult | undefined {
    const { memberId, instanceId } = request;
    if (!this.#supports(request.protocolType, request.protocols)) {
      return this.#joinFailed('INCONSISTENT_GROUP_PROTOCOL', memberId);
    }
    if (memberId === '') return this.#joinNew(request, resolve);
    if (instanceId !== null && !this.#pending.has(memberId)) {
      const current = this.#instances.get(instanceId);
      if (current === undefined) return this.#joinFailed('UNKNOWN_MEMBER_ID', memberId);
      if (current !== memberId) return this.#joinFailed('FENCED_INSTANCE_ID', memberId);
    }
    if (this.#forgetPending(memberId)) return this.#addAndRebalance(memberId, request, resolve);
    const member = this.members.get(memberId);
    if (member === undefined) return this.#joinFailed('UNKNOWN_MEMBER_ID', memberId);
    this.#touch(member);
    const isUnchanged = hasSameProtocols(member.protocols, request.protocols);
    if (this.state === 'CompletingRebalance' && isUnchanged) return this.#joinResult(member);
    if (this.state === 'Stable' && isUnchanged && memberId !== this.leader) return this.#joinResult(member);
    this.#update(member, request, resolve);
    return undefined;
  }

  #joinNew(request: JoinRequest, resolve: (result: JoinResult) => void): JoinResult | undefined {
    const { instanceId } = request;
    const memberId = `${instanceId ?? request.clientId}-${randomUUID()}`;
    if (instanceId !== null) {
      const earlier = this.#instances.get(instanceId);
      if (earlier === undefined) return this.#addAndRebalance(memberId, request, resolve);
      return this.#replaceStatic(this.members.get(earlier)!, memberId, request, resolve);
    }
    if (!request.requiresKnownMemberId) return this.#addAndRebalance(memberId, request, resolve);
    const timer = setTimeout(() => {
      this.#pending.delete(memberId);
      this.#tryCompleteJoin();
    }, request.sessionTimeout);
    timer.unref();
    this.#pending.set(memberId, timer);
    return this.#joinFailed('MEMBER_ID_REQUIRED', memberId);
  }

  /** A static member that restarted takes its predecessor's place; without need there is no rebalance. */
  #replaceStatic(
    member: Member,
    memberId: string,
    request: JoinRequest,
    resolve: (result: JoinResult) => void,
  ): JoinResult | undefined {
    const oldId = member.memberId;
    member.awaitingJoin?.(this.#joinFailed('FENCED_INSTANCE_ID', oldId));
    member.awaitingJoin = undefined;
    this.#answerSync(member, 'FENCED_INSTANCE_ID');
    this.members.delete(oldId);
    member.memberId = memberId;
    this.members.set(memberId, member);
    this.#instances.set(member.instanceId!, memberId);
    const wasLeader = this.leader === oldId;
    if (wasLeader) this.leader = memberId;
    const isUnchanged = hasSameProtocols(member.protocols, request.protocols);
    member.clientId = request.clientId;
    member.clientHost = request.clientHost;
    this.#touch(member);
    if (this.state === 'Stable' && isUnchanged) {
      this.#host.save(this);
      // Before JoinGroup 9 a leader would assign again: it is told that the old leader still leads.
      const result = this.#joinResult(member);
      if (wasLeader && request.canSkipAssignment) return { ...result, skipAssignment: true };
      return wasLeader ? { ...result, leader: oldId, members: [] } : result;
    }
    if (this.state === 'CompletingRebalance' && isUnchanged && !wasLeader) return this.#joinResult(member);
    this.#update(member, request, resolve);
    return undefined;
  }

  #addAndRebalance(
    memberId: string,
    request: JoinRequest,
    resolve: (result: JoinResult) => void,
  ): JoinResult | undefined {
    const member: Member = {
      memberId,
      instanceId: request.instanceId,
      clientId: request.clientId,
      clientHost: request.clientHost,
      sessionTimeout: request.sessionTimeout,
      rebalanceTimeout: request.rebalanceTimeout,
      protocols: request.protocols,
      assignment: nothing,
      awaitingJoin: resolve,
      awaitingSync: undefined,
      timer: undefined,
    };
    if (this.members.size === 0) this.protocolType = request.protocolType;
    this.#add(member);
    this.leader ??= memberId;
    this.#touch(member);
    this.#prepareRebalance();
    return undefined;
  }

  #update(member: Member, request: JoinRequest, resolve: (result: JoinResult) => void): void {
    member.protocols = request.protocols;
    member.sessionTimeout = request.sessionTimeout;
    member.rebalanceTimeout = request.rebalanceTimeout;
    // The same member joined twice: the earlier request is over.
    member.awaitingJoin?.(this.#joinFailed('UNKNOWN_MEMBER_ID', member.memberId));
    member.awaitingJoin = resolve;
    this.#prepareRebalance();
  }

  #add(member: Member): void {
    this.members.set(member.memberId, member);
    if (member.instanceId !== null) this.#instances.set(member.instanceId, member.memberId);
  }

  #prepareRebalance(): void {
    if (this.state === 'CompletingRebalance') {
      for (const member of this.members.values()) this.#answerSync(member, 'REBALANCE_IN_PROGRESS');
    }
    if (this.state !== 'PreparingRebalance') {
      const delay = this.state === 'Empty' ? this.#host.initialRebalanceDelayMs : 0;
      this.#moveTo('PreparingRebalance');
      clearTimeout(this.#rebalanceTimer);
      this.#isInitialDelay = delay > 0;
      const patience = delay > 0 ? delay : this.#rebalanceTimeout();
      this.#rebalanceTimer = setTimeout(() => {
        this.#isInitialDelay = false;
        this.#completeJoin();
      }, patience);
      this.#rebalanceTimer.unref();
    }
    this.#tryCompleteJoin();
  }

  #tryCompleteJoin(): void {
    if (this.state !== 'PreparingRebalance' || this.#isInitialDelay || this.#pending.size > 0) return;
    for (const member of this.members.values()) {
      if (member.awaitingJoin === undefined) return;
    }
    this.#completeJoin();
  }

  #completeJoin(): void {
    clearTimeout(this.#rebalanceTimer);
    for (const member of [...this.members.values()]) {
      if (member.awaitingJoin === undefined && member.instanceId === null) this.#drop(member);
    }
    const joined = [...this.members.values()].filter((member) => member.awaitingJoin !== undefined);
    if (this.members.size > 0 && joined.length === 0) {
      // Only static members are left, and none of them has come back yet: wait on.
      this.#rebalanceTimer = setTimeout(() => this.#completeJoin(), this.#rebalanceTimeout());
      this.#rebalanceTimer.unref();
      return;
    }
    this.generation++;
    if (this.members.size === 0) {
      this.protocol = null;
      this.leader = null;
      this.#moveTo('Empty');
      this.#host.save(this);
      return;
    }
    if (this.leader === null || this.members.get(this.leader)?.awaitingJoin === undefined) {
      this.leader = joined[0]!.memberId;
    }
    this.protocol = this.#electProtocol();
    this.#moveTo('CompletingRebalance');
    for (const member of joined) {
      const answer = member.awaitingJoin!;
      member.awaitingJoin = undefined;
      this.#touch(member);
      answer(this.#joinResult(member));
    }
    this.#rebalanceTimer = setTimeout(() => this.#expireSync(), this.#rebalanceTimeout());
    this.#rebalanceTimer.unref();
  }

  /** Members that joined but never synchronised hold up the others: they are removed (KAFKA-7610). */
  #expireSync(): void {
    if (this.state !== 'CompletingRebalance') return;
    const silent = [...this.members.values()].filter((member) => member.awaitingSync === undefined);
    for (const member of silent) this.#drop(member);
    this.#prepareRebalance();
  }

  #assign(assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]): void {
    clearTimeout(this.#rebalanceTimer);
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    // Views into the request: a group outlives it.
    for (const member of this.members.values()) {
      member.assignment = Buffer.from(byMember.get(member.memberId) ?? nothing);
    }
    this.#moveTo('Stable');
    this.#host.save(this);
    for (const member of this.members.values()) {
      const answer = member.awaitingSync;
      if (answer === undefined) continue;
      member.awaitingSync = undefined;
      this.#touch(member);
      answer(this.#syncResult(member));
    }
  }

  #remove(member: Member): void {
    this.#drop(member);
    if (this.state === 'Stable' || this.state === 'CompletingRebalance') this.#prepareRebalance();
    else this.#tryCompleteJoin();
  }

  #drop(member: Member): void {
    clearTimeout(member.timer);
    this.members.delete(member.memberId);
    if (member.instanceId !== null) this.#instances.delete(member.instanceId);
    member.awaitingJoin?.(this.#joinFailed('UNKNOWN_MEMBER_ID', member.memberId));
    member.awaitingJoin = undefined;
    this.#answerSync(member, 'UNKNOWN_MEMBER_ID');
    if (this.leader === member.memberId) this.leader = this.members.keys().next().value ?? null;
  }

  #answerSync(member: Member, error: KafkaErrorName): void {
    const answer = member.awaitingSync;
    member.awaitingSync = undefined;
    answer?.({ error, protocolType: null, protocol: null, assignment: nothing });
  }

  /** Starts the member's session timeout anew. Members that wait for an answer from here do not expire. */
  #touch(member: Member): void {
    clearTimeout(member.timer);
    member.timer = setTimeout(() => this.#expire(member), member.sessionTimeout);
    member.timer.unref();
  }

  #expire(member: Member): void {
    if (this.members.get(member.memberId) !== member) return;
    if (member.awaitingJoin !== undefined || member.awaitingSync !== undefined) {
      this.#touch(member);
      return;
    }
    this.#remove(member);
  }

  #forgetPending(memberId: string): boolean {
    clearTimeout(this.#pending.get(memberId));
    return this.#pending.delete(memberId);
  }

  #memberProblem(
    memberId: string,
    instanceId: string | null,
    generation: number,
  ): KafkaErrorName | undefined {
    if (instanceId !== null) {
      const current = this.#instances.get(instanceId);
      if (current === undefined) return 'UNKNOWN_MEMBER_ID';
      if (current !== memberId) return 'FENCED_INSTANCE_ID';
    }
    if (!this.members.has(memberId)) return 'UNKNOWN_MEMBER_ID';
    return generation === this.generation ? undefined : 'ILLEGAL_GENERATION';
  }

  #supports(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (protocols.length === 0 || protocolType === '') return false;
    if (this.members.size === 0) return true;
    if (protocolType !== this.protocolType) return false;
    return protocols.some(({ name }) => this.#allSupport(name));
  }

  #allSupport(name: string): boolean {
    for (const member of this.members.values()) {
      if (!member.protocols.some((protocol) => protocol.name === name)) return false;
    }
    return true;
  }

  /** Each member votes for the first of its protocols that all support; most votes win. */
  #electProtocol(): string {
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const choice = member.protocols.find(({ name }) => this.#allSupport(name));
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    const winner = [...votes].sort(([, a], [, b]) => b - a)[0];
    if (winner === undefined) throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL');
    return winner[0];
  }

  #rebalanceTimeout(): number {
    return Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeout));
  }

  #joinResult(member: Member): JoinResult {
    const members =
      member.memberId === this.leader
        ? [...this.members.values()].map((other) => ({
            memberId: other.memberId,
            instanceId: other.instanceId,
            metadata: this.metadataOf(other),
          }))
        : [];
    return {
      generation: this.generation,
      protocolType: this.protocolType,
      protocol: this.protocol,
      leader: this.leader ?? '',
      memberId: member.memberId,
      members,
    };
  }

  #syncResult(member: Member): SyncResult {
    return { protocolType: this.protocolType, protocol: this.protocol, assignment: member.assignment };
  }

  #joinFailed(error: KafkaErrorName, memberId: string): JoinResult {
    return { error, generation: -1, protocolType: null, protocol: null, leader: '', memberId, members: [] };
  }

  #moveTo(state: GroupState): void {
    this.state = state;
    this.stateSince = this.#host.now();
  }
}
