import type { KafkaErrorName } from '../errors/error-codes.js';
import type { SavedGroup } from './group-records.js';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeout: number;
  readonly rebalanceTimeout: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** Since JoinGroup 4, a new member first gets an id and joins again with it (KIP-394). */
  readonly requiresKnownMemberId: boolean;
  /** Since JoinGroup 9, a static leader that rejoins unchanged may skip the assignment (KIP-814). */
  readonly canSkipAssignment: boolean;
}

export interface JoinResult {
  readonly error?: KafkaErrorName;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly memberId: string;
  readonly skipAssignment?: boolean;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

export interface SyncResult {
  readonly error?: KafkaErrorName;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Buffer;
}

export interface Member {
  memberId: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeout: number;
  rebalanceTimeout: number;
  protocols: readonly Protocol[];
  assignment: Buffer;
  awaitingJoin: ((result: JoinResult) => void) | undefined;
  awaitingSync: ((result: SyncResult) => void) | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** What a group needs from its coordinator. */
export interface GroupHost {
  /** Persists the group. Called when a generation is complete. */
  save(group: { readonly id: string; saved(): SavedGroup }): void;
  readonly initialRebalanceDelayMs: number;
  now(): number;
}
