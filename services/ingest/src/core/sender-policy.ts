/** Who may send to one of our AE titles. An empty list of AE titles or addresses allows none. */
export interface SenderRule {
  calledAeTitle: string;
  /** "*" allows any. */
  callingAeTitles: string[];
  /** Addresses or networks ("10.1.0.0/16"); "*" allows any. */
  addresses: string[];
  /** SHA-256 fingerprints of client certificates; empty asks for none. */
  certificateFingerprints: string[];
  maxAssociationsPerPeer: number;
}

export interface SenderPolicy {
  rules: SenderRule[];
}

/** What is known of a peer that wants to send. */
export interface SendingPeer {
  address: string;
  callingAeTitle: string;
  calledAeTitle: string;
  certificateFingerprint: string | null;
}

export type AdmissionDecision =
  | { kind: 'allow' }
  | {
      kind: 'refuse';
      rejection:
        | 'called-ae-title-not-recognized'
        | 'calling-ae-title-not-recognized'
        | 'no-reason-given'
        | 'local-limit-exceeded';
      /** For the administrator: what to add to the configuration to let the peer in. */
      message: string;
    };

/** Decides whether a peer may send. Unknown means no; the message says what to add. */
export function decideAdmission(
  policy: SenderPolicy,
  peer: SendingPeer,
  open: readonly SendingPeer[],
): AdmissionDecision {
  const rule = policy.rules.find((candidate) => candidate.calledAeTitle === peer.calledAeTitle);
  const who = `${peer.callingAeTitle} at ${peer.address}`;
  if (!rule) {
    const known = policy.rules.map((candidate) => candidate.calledAeTitle).join(', ') || 'none';
    const message = `${who} calls ${peer.calledAeTitle}; our AE titles are: ${known}. To accept it, add an entry with calledAeTitle: ${peer.calledAeTitle} under dicom.senders.`;
    return { kind: 'refuse', rejection: 'called-ae-title-not-recognized', message };
  }
  const place = `under dicom.senders, at calledAeTitle: ${rule.calledAeTitle}`;
  if (!allows(rule.callingAeTitles, (title) => title === peer.callingAeTitle)) {
    const message = `${who} is not known. To let it send, add "${peer.callingAeTitle}" to callingAeTitles ${place}.`;
    return { kind: 'refuse', rejection: 'calling-ae-title-not-recognized', message };
  }
  if (!allows(rule.addresses, (network) => isInNetwork(peer.address, network))) {
    const message = `${who} sends from an address that is not known. To let it send, add "${peer.address}" to addresses ${place}.`;
    return { kind: 'refuse', rejection: 'no-reason-given', message };
  }
  const fingerprints = rule.certificateFingerprints;
  if (fingerprints.length > 0 && !fingerprints.includes(peer.certificateFingerprint ?? '')) {
    const shown = peer.certificateFingerprint ?? 'none';
    const message = `${who} shows a certificate that is not known (SHA-256 ${shown}). To let it send, add it to certificateFingerprints ${place}.`;
    return { kind: 'refuse', rejection: 'no-reason-given', message };
  }
  const already = open.filter(
    (other) => other.address === peer.address && other.callingAeTitle === peer.callingAeTitle,
  );
  if (already.length >= rule.maxAssociationsPerPeer) {
    const message = `${who} has ${already.length} associations open, as many as maxAssociationsPerPeer allows ${place}.`;
    return { kind: 'refuse', rejection: 'local-limit-exceeded', message };
  }
  return { kind: 'allow' };
}

function allows(list: readonly string[], matches: (entry: string) => boolean): boolean {
  return list.some((entry) => entry === '*' || matches(entry));
}

/** Whether an address is the one given or inside a network such as "10.1.0.0/16" or "fd00::/8". */
export function isInNetwork(address: string, network: string): boolean {
  const [base = '', prefix] = network.split('/');
  if (prefix === undefined) return address === base;
  const [left, right] = [addressBits(address), addressBits(base)];
  const length = Number(prefix);
  return left !== null && right !== null && left.length === right.length && left.startsWith(right.slice(0, length));
}

/** The bits of an IPv4 or IPv6 address as text, or null for anything else. */
function addressBits(address: string): string | null {
  if (/^\d+(\.\d+){3}$/.test(address))
    return address
      .split('.')
      .map((part) => bits(Number(part), 8))
      .join('');
  if (!address.includes(':')) return null;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((part) => bits(Number.parseInt(part, 16), 16)).join('');
}

function bits(value: number, width: number): string {
  return value.toString(2).padStart(width, '0');
}
