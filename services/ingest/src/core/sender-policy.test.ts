import { describe, expect, it } from 'vitest';
import { decideAdmission, isInNetwork, type SenderRule } from './sender-policy.js';

const rule: SenderRule = {
  calledAeTitle: 'PCE',
  callingAeTitles: ['CT1'],
  addresses: ['10.1.0.0/16'],
  certificateFingerprints: [],
  maxAssociationsPerPeer: 2,
};
const peer = { address: '10.1.2.3', callingAeTitle: 'CT1', calledAeTitle: 'PCE', certificateFingerprint: null };
const decide = (change: Partial<SenderRule>, who: Partial<typeof peer> = {}, open: (typeof peer)[] = []) =>
  decideAdmission({ rules: [{ ...rule, ...change }] }, { ...peer, ...who }, open);

describe('decideAdmission', () => {
  it('lets in who is listed, and nobody by default', () => {
    expect(decide({})).toEqual({ kind: 'allow' });
    expect(decideAdmission({ rules: [] }, peer, [])).toMatchObject({ rejection: 'called-ae-title-not-recognized' });
    expect(decide({ callingAeTitles: [] })).toMatchObject({ rejection: 'calling-ae-title-not-recognized' });
  });

  it.each<[Partial<SenderRule>, Partial<typeof peer>, string]>([
    [{}, { calledAeTitle: 'XY' }, 'add an entry with calledAeTitle: XY under dicom.senders'],
    [{}, { callingAeTitle: 'CT9' }, 'add "CT9" to callingAeTitles'],
    [{}, { address: '10.2.0.1' }, 'add "10.2.0.1" to addresses'],
    [{ certificateFingerprints: ['AA'] }, {}, 'SHA-256 none'],
  ])('says what to add', (change, who, message) => {
    expect(decide(change, who)).toMatchObject({ kind: 'refuse', message: expect.stringContaining(message) });
  });

  it('counts the associations of the same peer only', () => {
    expect(decide({}, {}, [peer, { ...peer, address: '10.1.9.9' }])).toEqual({ kind: 'allow' });
    expect(decide({}, {}, [peer, peer])).toMatchObject({ rejection: 'local-limit-exceeded' });
  });
});

it.each([
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.0.0/16', true],
  ['10.2.2.3', '10.1.0.0/16', false],
  ['10.1.2.129', '10.1.2.128/25', true],
  ['fd00::1', 'fd00::/8', true],
  ['fe80::1', 'fd00::/8', false],
  ['10.1.2.3', 'fd00::/8', false],
  ['nonsense', '10.0.0.0/8', false],
])('%s in %s: %s', (address, network, expected) => {
  expect(isInNetwork(address, network)).toBe(expected);
});
