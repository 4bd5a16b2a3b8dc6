import type { WorkItem, WorkItemLedger } from '@pce/shared/ports/work-item-ledger';
import { element, FILTERED_GLOBAL_SUBSCRIPTION, GLOBAL_SUBSCRIPTION, UPS } from '../core/ups-attributes.js';
import type { UpsEventKind } from '../core/ups-state.js';

/** One open connection, as much of it as is needed. */
export interface EventChannel {
  send(text: string): void;
}

/** UPS Event SOP class. Source: PS3.6 annex A. */
const UPS_EVENT = '1.2.840.10008.5.1.4.34.6.4';
/** Event Type IDs. Source: PS3.4 table CC.2.4-1. */
const EVENT_TYPE: Record<UpsEventKind, number> = { state: 1, 'cancel-requested': 2, progress: 3 };
/** What each event says beside its kind. Source: PS3.4 table CC.2.4-1. */
const TOLD: Record<UpsEventKind, readonly string[]> = {
  state: [UPS.state, UPS.inputReadiness],
  'cancel-requested': [],
  progress: [UPS.progressInformation],
};
const MAX_MESSAGE_ID = 65_535;

/** Tells subscribers of changes, over the connections of this process. Source: PS3.18 section 11.13. */
export class UpsNotifier {
  readonly #ledger: WorkItemLedger;
  readonly #channels = new Map<string, Set<EventChannel>>();
  #messageId = 0;

  constructor(ledger: WorkItemLedger) {
    this.#ledger = ledger;
  }

  /** @returns closes it */
  open(aeTitle: string, channel: EventChannel): () => void {
    const channels = this.#channels.get(aeTitle) ?? new Set();
    this.#channels.set(aeTitle, channels.add(channel));
    return () => channels.delete(channel);
  }

  /** Tells who has subscribed to the work item, or to all. */
  async tell(item: WorkItem, kind: UpsEventKind): Promise<void> {
    const targets = new Set([item.sopInstanceUid, GLOBAL_SUBSCRIPTION, FILTERED_GLOBAL_SUBSCRIPTION]);
    const subscriptions = await this.#ledger.subscriptions();
    const listeners = new Set(subscriptions.filter(({ target }) => targets.has(target)).map(({ aeTitle }) => aeTitle));
    for (const aeTitle of listeners) this.#send(aeTitle, item, kind);
  }

  /** What a new subscriber is told first. Source: PS3.4 section CC.2.3.3. */
  tellState(aeTitle: string, item: WorkItem): void {
    this.#send(aeTitle, item, 'state');
  }

  #send(aeTitle: string, item: WorkItem, kind: UpsEventKind): void {
    const channels = this.#channels.get(aeTitle);
    if (!channels || channels.size === 0) return;
    this.#messageId = (this.#messageId % MAX_MESSAGE_ID) + 1;
    const told = TOLD[kind].flatMap((tag) => (item.attributes[tag] ? [[tag, item.attributes[tag]]] : []));
    const text = JSON.stringify({
      '00000002': element('UI', UPS_EVENT),
      '00000110': element('US', this.#messageId),
      '00001000': element('UI', item.sopInstanceUid),
      '00001002': element('US', EVENT_TYPE[kind]),
      ...Object.fromEntries(told),
    });
    for (const channel of channels) channel.send(text);
  }
}
