import { describe, expect, it } from 'vitest';
import { actionFor, type State, stateAfter, type UpperLayerEvent } from './upper-layer-states.js';

/** PS3.8 table 9-10 once more, typed row by row: states 1 to 13, "-" where the standard leaves the cell empty. */
const STANDARD: Record<UpperLayerEvent, string> = {
  'transport-confirmed': '- - - AE-2 - - - - - - - - -',
  'accept-received': '- AA-1 AA-8 - AE-3 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6',
  'reject-received': '- AA-1 AA-8 - AE-4 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6',
  'transport-opened': 'AE-5 - - - - - - - - - - - -',
  'request-received': '- AE-6 AA-8 - AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-7',
  'local-accept': '- - AE-7 - - - - - - - - - -',
  'local-reject': '- - AE-8 - - - - - - - - - -',
  'local-data': '- - - - - DT-1 - AR-7 - - - - -',
  'data-received': '- AA-1 AA-8 - AA-8 DT-2 AR-6 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6',
  'local-release': '- - - - - AR-1 - - - - - - -',
  'release-received': '- AA-1 AA-8 - AA-8 AR-2 AR-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-6',
  'local-release-reply': '- - - - - - - AR-4 AR-9 - - AR-4 -',
  'release-reply-received': '- AA-1 AA-8 - AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3 AA-8 AA-6',
  'local-abort': '- - AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1 -',
  'abort-received': '- AA-2 AA-3 - AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-3 AA-2',
  'transport-closed': '- AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AR-5',
  'artim-expired': '- AA-2 - - - - - - - - - - AA-2',
  'invalid-pdu': '- AA-1 AA-8 - AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-8 AA-7',
};

describe('upper layer state machine', () => {
  it.each(Object.entries(STANDARD))('%s', (event, row) => {
    const actions = Array.from({ length: 13 }, (_, index) => actionFor((index + 1) as State, event as UpperLayerEvent));
    expect(actions.map((action) => action ?? '-').join(' ')).toBe(row);
  });

  it('tells a release collision of the requestor from that of the acceptor', () => {
    expect([stateAfter('AR-8', true), stateAfter('AR-8', false)]).toEqual([9, 10]);
  });
});
