/**
 * The upper layer state machine: which action an event causes in a state. Pure table; `upper-layer.ts` does the
 * actions. Source: PS3.8 table 9-10; the state and action names are the standard's.
 */
export const STATE = {
  idle: 1,
  awaitingRequest: 2,
  awaitingLocalAnswer: 3,
  awaitingTransport: 4,
  awaitingAnswer: 5,
  established: 6,
  awaitingReleaseReply: 7,
  awaitingLocalRelease: 8,
  collisionRequestorAwaitingLocal: 9,
  collisionAcceptorAwaitingReply: 10,
  collisionRequestorAwaitingReply: 11,
  collisionAcceptorAwaitingLocal: 12,
  awaitingClose: 13,
} as const;
export type State = (typeof STATE)[keyof typeof STATE];

export type UpperLayerEvent =
  | 'transport-confirmed'
  | 'accept-received'
  | 'reject-received'
  | 'transport-opened'
  | 'request-received'
  | 'local-accept'
  | 'local-reject'
  | 'local-data'
  | 'data-received'
  | 'local-release'
  | 'release-received'
  | 'release-reply-received'
  | 'local-release-reply'
  | 'local-abort'
  | 'abort-received'
  | 'transport-closed'
  | 'artim-expired'
  | 'invalid-pdu';

export type Action =
  | 'AE-2'
  | 'AE-3'
  | 'AE-4'
  | 'AE-5'
  | 'AE-6'
  | 'AE-7'
  | 'AE-8'
  | 'DT-1'
  | 'DT-2'
  | 'AR-1'
  | 'AR-2'
  | 'AR-3'
  | 'AR-4'
  | 'AR-5'
  | 'AR-6'
  | 'AR-7'
  | 'AR-8'
  | 'AR-9'
  | 'AR-10'
  | 'AA-1'
  | 'AA-2'
  | 'AA-3'
  | 'AA-4'
  | 'AA-5'
  | 'AA-6'
  | 'AA-7'
  | 'AA-8';

type Row = Partial<Record<State, Action>>;

/** The same action in every state from Sta5 to Sta12. */
function established(action: Action): Row {
  return Object.fromEntries([5, 6, 7, 8, 9, 10, 11, 12].map((state) => [state, action])) as Row;
}

const unexpected: Row = { 2: 'AA-1', 3: 'AA-8', ...established('AA-8'), 13: 'AA-6' };

const TABLE: Record<UpperLayerEvent, Row> = {
  'transport-confirmed': { 4: 'AE-2' },
  'accept-received': { ...unexpected, 5: 'AE-3' },
  'reject-received': { ...unexpected, 5: 'AE-4' },
  'transport-opened': { 1: 'AE-5' },
  'request-received': { ...unexpected, 2: 'AE-6', 13: 'AA-7' },
  'local-accept': { 3: 'AE-7' },
  'local-reject': { 3: 'AE-8' },
  'local-data': { 6: 'DT-1', 8: 'AR-7' },
  'data-received': { ...unexpected, 6: 'DT-2', 7: 'AR-6' },
  'local-release': { 6: 'AR-1' },
  'release-received': { ...unexpected, 6: 'AR-2', 7: 'AR-8' },
  'release-reply-received': { ...unexpected, 7: 'AR-3', 10: 'AR-10', 11: 'AR-3' },
  'local-release-reply': { 8: 'AR-4', 9: 'AR-9', 12: 'AR-4' },
  'local-abort': { 3: 'AA-1', 4: 'AA-2', ...established('AA-1') },
  'abort-received': { 2: 'AA-2', 3: 'AA-3', ...established('AA-3'), 13: 'AA-2' },
  'transport-closed': { 2: 'AA-5', 3: 'AA-4', 4: 'AA-4', ...established('AA-4'), 13: 'AR-5' },
  'artim-expired': { 2: 'AA-2', 13: 'AA-2' },
  'invalid-pdu': { ...unexpected, 13: 'AA-7' },
};

/** The action for an event, or undefined where the standard leaves the cell empty: the event cannot happen then. */
export function actionFor(state: State, event: UpperLayerEvent): Action | undefined {
  return TABLE[event][state];
}

/** The state an action leads to; AR-8 depends on who opened the association. */
export function stateAfter(action: Action, isRequestor: boolean): State {
  if (action === 'AR-8') return isRequestor ? 9 : 10;
  return NEXT_STATE[action];
}

const NEXT_STATE: Record<Exclude<Action, 'AR-8'>, State> = {
  'AE-2': 5,
  'AE-3': 6,
  'AE-4': 1,
  'AE-5': 2,
  'AE-6': 3,
  'AE-7': 6,
  'AE-8': 13,
  'DT-1': 6,
  'DT-2': 6,
  'AR-1': 7,
  'AR-2': 8,
  'AR-3': 1,
  'AR-4': 13,
  'AR-5': 1,
  'AR-6': 7,
  'AR-7': 8,
  'AR-9': 11,
  'AR-10': 12,
  'AA-1': 13,
  'AA-2': 1,
  'AA-3': 1,
  'AA-4': 1,
  'AA-5': 1,
  'AA-6': 13,
  'AA-7': 13,
  'AA-8': 13,
};
