import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import { deliveryWay } from '../config.js';
import type { DeliveryWay, DestinationConfig } from '../config-schema.js';
import { ReportError } from '../core/measurement-report.js';
import { buildFhirBundle } from '../core/messages/fhir-report.js';
import { buildOruMessage } from '../core/messages/hl7-oru.js';
import { buildPriorityMessage } from '../core/messages/hl7-priority.js';
import type { MessageSubject } from '../core/messages/message-subject.js';
import { buildWebhookBody } from '../core/messages/webhook-body.js';
import { seriesDescriptionFor } from '../core/plan-report.js';
import type { BuiltReport } from './build-report.js';

const NO_MESSAGE = () => null;

const HL7_MESSAGES = { result: buildOruMessage, priority: buildPriorityMessage } as const;

const MESSAGES: Record<DeliveryWay, (subject: MessageSubject, destination: DestinationConfig) => string | null> = {
  cStore: NO_MESSAGE,
  stow: NO_MESSAGE,
  folder: NO_MESSAGE,
  hl7: (subject, { hl7 }) => {
    const { sendingApplication, sendingFacility, receivingApplication, receivingFacility } = hl7!;
    const names = { sendingApplication, sendingFacility, receivingApplication, receivingFacility };
    const { message, processingId, accessionFields } = hl7!;
    return HL7_MESSAGES[message](subject, { ...names, processingId, accessionFields });
  },
  webhook: (subject) => JSON.stringify(buildWebhookBody(subject)),
  fhir: (subject, { fhir }) => {
    const { patientIdSystem, accessionSystem } = fhir!;
    return JSON.stringify(
      buildFhirBundle(subject, {
        ...(patientIdSystem ? { patientIdSystem } : {}),
        ...(accessionSystem ? { accessionSystem } : {}),
      }),
    );
  },
};

/**
 * The message a destination gets about a result, null where it takes objects or there is nothing to say. It names the
 * objects the destinations were sent, and is kept as it is: every attempt sends the same.
 */
export function buildMessage(
  destination: DestinationConfig,
  chosen: readonly DestinationConfig[],
  found: LedgerResult,
  { datasets, versions }: BuiltReport,
): string | null {
  const way = deliveryWay(destination);
  const [source] = datasets.values();
  const version = versions.get(seriesDescriptionFor(destination, chosen));
  if (!source || !version) throw new ReportError('source images', 'the header of at least one', 'none');
  return MESSAGES[way]({ result: found.result, source, ...version }, destination);
}
