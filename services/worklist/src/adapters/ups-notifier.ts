import type { EventHub } from '@pce/shared/ports/event-hub';
import type { DicomJsonDataset, WorkItem, WorkItemLedger } from '@pce/shared/ports/work-item-ledger';
import { element, UPS } from '../core/ups-attributes.js';
import { meets } from '../core/ups-query.js';
import { isFinal, type UpsEventKind } from '../core/ups-state.js';

/** One open connection, as much of it as is needed. */
export interface EventChannel {
  send(text: string): void;
}

/** Something to tell subscribers, on its way to the process they are connected to. No patient data. */
export interface WorkItemEvent {
  kind: UpsEventKind;
  sopInstanceUid: string;
  /** Who is to be told. */
  aeTitles: string[];
  /** What is told of the state; null where the ledger has it. */
  told: DicomJsonDataset | null;
}

/** UPS Event SOP class. Source: PS3.6 annex A. */
const UPS_EVENT = '1.2.840.10008.5.1.4.34.6.4';
/** Event Type IDs. Source: PS3.4 table CC.2.4-1. */
const EVENT_TYPE: Record<UpsEventKind, number> = { state: 1, 'cancel-requested': 2, progress: 3 };
const MAX_MESSAGE_ID = 65_535;

export interface UpsNotifierOptions {
  ledger: WorkItemLedger;
  /** Reaches every process that may have subscribers connected to it. */
  events: EventHub<WorkItemEvent>;
  failed: (error: Error) => void;
}

/** Tells subscribers of changes, whichever process they are connected to. Source: PS3.18 section 11.13. */
export class UpsNotifier {
  readonly #options: UpsNotifierOptions;
  readonly #channels = new Map<string, Set<EventChannel>>();
  readonly #end: () => void;
  #messageId = 0;

  constructor(options: UpsNotifierOptions) {
    this.#options = options;
    this.#end = options.events.subscribe((event) => {
      this.#deliver(event).catch(options.failed);
    });
  }

  close(): void {
    this.#end();
  }

  /** @returns closes it */
  open(aeTitle: string, channel: EventChannel): () => void {
    const channels = this.#channels.get(aeTitle) ?? new Set();
    this.#channels.set(aeTitle, channels.add(channel));
    return () => {
      channels.delete(channel);
      if (channels.size === 0 && this.#channels.get(aeTitle) === channels) this.#channels.delete(aeTitle);
    };
  }

  /** Subscribes to a new work item who wants to hear of all that are like it. */
  async subscribeTo({ sopInstanceUid, attributes }: WorkItem): Promise<void> {
    const { ledger } = this.#options;
    for (const { aeTitle, filter } of await ledger.globalSubscriptions()) {
      if (meets(attributes, filter)) await ledger.subscribe(aeTitle, sopInstanceUid);
    }
  }

  /** Tells who has subscribed to the work item. After its end there is nothing more to tell. */
  async tell(item: WorkItem, kind: UpsEventKind): Promise<void> {
    const { ledger } = this.#options;
    const aeTitles = await ledger.subscribersOf(item.sopInstanceUid);
    if (aeTitles.length > 0) this.#publish(item, kind, aeTitles);
    if (isFinal(item)) await ledger.endSubscriptionsOf(item.sopInstanceUid);
  }

  /** What a new subscriber is told first. Source: PS3.4 section CC.2.3.3. */
  tellState(aeTitle: string, item: WorkItem): void {
    this.#publish(item, 'state', [aeTitle]);
  }

  #publish({ sopInstanceUid, attributes }: WorkItem, kind: UpsEventKind, aeTitles: string[]): void {
    const told = kind === 'state' ? pick(attributes, [UPS.state, UPS.inputReadiness]) : null;
    this.#options.events.publish({ kind, sopInstanceUid, aeTitles, told });
  }

  async #deliver({ kind, sopInstanceUid, aeTitles, told }: WorkItemEvent): Promise<void> {
    const channels = aeTitles.flatMap((aeTitle) => [...(this.#channels.get(aeTitle) ?? [])]);
    if (channels.length === 0) return;
    const more = kind === 'progress' ? await this.#progressOf(sopInstanceUid) : told;
    for (const channel of channels) {
      this.#messageId = (this.#messageId % MAX_MESSAGE_ID) + 1;
      const event = {
        '00000002': element('UI', UPS_EVENT),
        '00000110': element('US', this.#messageId),
        '00001000': element('UI', sopInstanceUid),
        '00001002': element('US', EVENT_TYPE[kind]),
        ...more,
      };
      channel.send(JSON.stringify(event));
    }
  }

  /** May hold what somebody wrote, so that it goes no way but to the subscriber. */
  async #progressOf(sopInstanceUid: string): Promise<DicomJsonDataset> {
    const item = await this.#options.ledger.find(sopInstanceUid);
    return item ? pick(item.attributes, [UPS.progressInformation]) : {};
  }
}

function pick(attributes: DicomJsonDataset, tags: readonly string[]): DicomJsonDataset {
  return Object.fromEntries(tags.flatMap((tag) => (attributes[tag] ? [[tag, attributes[tag]]] : [])));
}
