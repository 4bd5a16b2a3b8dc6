import type { DeliveryState } from '@pce/shared/ports/delivery-ledger';
import type { TestWorklist } from './test-worklist.js';

/** Reports a result and delivers it to three destinations: one has it, one refuses it, one is still to get it. */
export async function recordDeliveries(worklist: TestWorklist, resultId: string): Promise<void> {
  const { deliveries } = worklist.ledger;
  const sop = {
    sopClassUid: '1.4',
    sopInstanceUid: '2.25.77',
    seriesInstanceUid: '2.25.7',
    studyInstanceUid: '2.25.6',
  };
  const planned = { objects: [sop.sopInstanceUid], fallbacks: {}, message: null, skipped: null };
  const plans = ['archive', 'pacs-2', 'ris'].map((destination) => ({ destination, ...planned }));
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 3, minute));
  await deliveries.recordReport(resultId, [{ kind: 'sr', ...sop }], plans, at(0));
  const settle = async (destination: string, state: DeliveryState, detail: string) => {
    const [delivery] = await deliveries.searchDeliveries({ destination }, 1, 0);
    const number = (await deliveries.beginAttempt(delivery!.deliveryId, at(1))) ?? 0;
    const outcome = state === 'delivered' ? ('delivered' as const) : ('failed' as const);
    const isDelivered = state === 'delivered';
    const object = { sopInstanceUid: sop.sopInstanceUid, status: isDelivered ? 0 : 0xa700 };
    await deliveries.endAttempt(
      delivery!.deliveryId,
      { number, endedAt: at(2), outcome, detail, objects: [object] },
      {
        state,
        at: at(2),
        notBefore: null,
        isPerhapsSent: true,
        commitmentUid: null,
        commitmentRequests: 0,
        reason: isDelivered ? null : detail,
        objects: [{ ...object, fallbackOf: null, state: isDelivered ? 'acknowledged' : 'refused' }],
      },
    );
  };
  await settle('archive', 'delivered', 'acknowledged by the receiver');
  await settle('ris', 'failed', 'expected status 0000; received A700 (out of resources)');
}
