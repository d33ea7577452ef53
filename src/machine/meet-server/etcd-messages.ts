import { encode, type Field, Message, type Value } from './protobuf.ts';

/**
 * The messages of etcd's API (version 3, in `rpc.proto` and `kv.proto` of its sources) that a meeting place needs. The
 * numbers of the fields are theirs.
 */

/** Where a method is. */
export const METHODS = {
  authenticate: '/etcdserverpb.Auth/Authenticate',
  range: '/etcdserverpb.KV/Range',
  txn: '/etcdserverpb.KV/Txn',
  watch: '/etcdserverpb.Watch/Watch',
  grant: '/etcdserverpb.Lease/LeaseGrant',
  keepAlive: '/etcdserverpb.Lease/LeaseKeepAlive',
  revoke: '/etcdserverpb.Lease/LeaseRevoke',
} as const;

/** A key and its value. Revisions count all changes of the cluster, so they only grow. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** The change that made the key. */
  readonly created: number;
  /** What it hangs on; 0: nothing, so that it stays until somebody removes it. */
  readonly lease: bigint;
}

/** What a transaction does. */
export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly lease: bigint }
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'delete'; readonly key: string };

/** What must be so for a transaction to do it. */
export type Condition =
  /** The key was made by this change; 0: there is no such key. */
  | { readonly kind: 'created-at'; readonly key: string; readonly revision: number }
  /** There is a key that begins so. */
  | { readonly kind: 'some-below'; readonly prefix: string };

export interface Transaction {
  readonly when: Condition;
  readonly does?: Operation;
  readonly otherwise?: Operation;
}

export interface TransactionAnswer {
  /** Whether the condition held. */
  readonly held: boolean;
  /** The last change of the cluster, which is this one if it changed anything. */
  readonly revision: number;
  /** What a `get` found. */
  readonly found: readonly KeyValue[];
}

/** The key after the last one that begins so. The prefix ends with an ASCII character. */
export function endOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** A message in a message. */
function inner(...fields: readonly Field[]): Value {
  return encode(...fields);
}

/** Asks for the transaction. */
export function transaction({ when, does, otherwise }: Transaction): Uint8Array {
  return encode([1, comparison(when)], [2, does && operation(does)], [3, otherwise && operation(otherwise)]);
}

const YES = 1;
const GREATER = 1;
const CREATE = 1;

function comparison(when: Condition): Value {
  if (when.kind === 'created-at') return inner([2, CREATE], [3, when.key], [5, when.revision]);
  // Of a range without keys etcd compares a key of version 0.
  return inner([1, GREATER], [3, when.prefix], [4, 0], [64, endOf(when.prefix)]);
}

function operation(does: Operation): Value {
  switch (does.kind) {
    case 'get':
      return inner([1, inner([1, does.key])]);
    case 'put':
      return inner([2, inner([1, does.key], [2, does.value], [3, does.lease])]);
    case 'delete':
      return inner([3, inner([1, does.key])]);
  }
}

/** What became of a transaction. @throws ProtobufError if the bytes do not say it */
export function readTransaction(bytes: Uint8Array): TransactionAnswer {
  const answer = Message.read(bytes);
  return {
    held: answer.int(2) === 1n,
    revision: revisionOf(answer),
    found: answer.messages(3).flatMap((one) => one.message(1).messages(2).map(keyValue)),
  };
}

/** Asks for one key. */
export function range(key: string): Uint8Array {
  return encode([1, key]);
}

/** Asks for the keys that begin so and were made before this change, without their values. */
export function madeBefore(prefix: string, revision: number): Uint8Array {
  return encode([1, prefix], [2, endOf(prefix)], [8, YES], [13, revision - 1]);
}

/** What was found. @throws ProtobufError if the bytes do not say it */
export function readRange(bytes: Uint8Array): { readonly revision: number; readonly found: readonly KeyValue[] } {
  const answer = Message.read(bytes);
  return { revision: revisionOf(answer), found: answer.messages(2).map(keyValue) };
}

function revisionOf(answer: Message): number {
  return Number(answer.message(1).int(3));
}

function keyValue(message: Message): KeyValue {
  return { key: message.text(1), value: message.text(5), created: Number(message.int(2)), lease: message.int(6) };
}

/** Asks for a lease. @param seconds how long it lasts without being kept alive */
export function grant(seconds: number): Uint8Array {
  return encode([1, seconds]);
}

/** Ends the lease, and removes what hangs on it. */
export function revoke(lease: bigint): Uint8Array {
  return encode([1, lease]);
}

/** Asks that the lease lasts from now on as long as it was granted for. */
export function keepAlive(lease: bigint): Uint8Array {
  return encode([1, lease]);
}

/** What a lease was granted or renewed to. `seconds` is 0 if there is no such lease any more. */
export function readLease(bytes: Uint8Array): { readonly lease: bigint; readonly seconds: number } {
  const answer = Message.read(bytes);
  return { lease: answer.int(2), seconds: Number(answer.int(3)) };
}

/** Logs in. */
export function authenticate(name: string, password: string): Uint8Array {
  return encode([1, name], [2, password]);
}

/** What to send with every call from now on. @throws ProtobufError if the bytes do not say it */
export function readToken(bytes: Uint8Array): string {
  return Message.read(bytes).text(2);
}

/** What a watch is told. */
export interface Watching {
  readonly key: string;
  /** The first change that is told; undefined: what comes from now on. */
  readonly from?: number;
  /** `puts`: not when the key is deleted. */
  readonly tells: 'puts' | 'everything';
}

const NO_DELETE = 1;

/** Begins a watch on the stream. @param id unique on the stream, from 1 */
export function watchKey(id: number, { key, from, tells }: Watching): Uint8Array {
  const filter = tells === 'puts' ? encode([5, NO_DELETE]) : new Uint8Array();
  const fields = encode([1, key], [3, from], [7, id], [8, YES]);
  return encode([1, Buffer.concat([fields, filter])]);
}

/** Ends a watch of the stream. */
export function endWatch(id: number): Uint8Array {
  return encode([2, encode([1, id])]);
}

/** One message of a watch stream. */
export interface WatchAnswer {
  readonly id: number;
  readonly is: 'begun' | 'over' | 'news';
  /** Why it is over, in etcd's words; empty: because it was asked to end. */
  readonly reason: string;
  readonly news: readonly { readonly kind: 'put' | 'deleted'; readonly entry: KeyValue }[];
}

/** Reads a message of a watch stream. @throws ProtobufError if it is none */
export function readWatch(bytes: Uint8Array): WatchAnswer {
  const answer = Message.read(bytes);
  const isOver = answer.int(4) === 1n;
  const compacted = isOver && answer.int(5) > 0n ? 'what was to be watched has been compacted' : '';
  return {
    id: Number(answer.int(2)),
    is: isOver ? 'over' : answer.int(3) === 1n ? 'begun' : 'news',
    reason: isOver ? answer.text(6) || compacted : '',
    news: answer.messages(11).map((event) => ({
      kind: event.int(1) === 1n ? 'deleted' : 'put',
      entry: keyValue(event.message(2)),
    })),
  };
}
