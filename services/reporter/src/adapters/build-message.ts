import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import { deliveryWay } from '../config.js';
import type { DeliveryWay, DestinationConfig } from '../config-schema.js';
import { ReportError } from '../core/measurement-report.js';
import { buildFhirBundle } from '../core/messages/fhir-report.js';
import { buildOruMessage } from '../core/messages/hl7-oru.js';
import type { MessageSubject } from '../core/messages/message-subject.js';
import { buildWebhookBody } from '../core/messages/webhook-body.js';
import type { BuiltReport } from './build-report.js';

const NO_MESSAGE = () => null;

const MESSAGES: Record<DeliveryWay, (subject: MessageSubject, destination: DestinationConfig) => string | null> = {
  cStore: NO_MESSAGE,
  stow: NO_MESSAGE,
  folder: NO_MESSAGE,
  hl7: (subject, { hl7 }) => {
    const { sendingApplication, sendingFacility, receivingApplication, receivingFacility } = hl7!;
    const names = { sendingApplication, sendingFacility, receivingApplication, receivingFacility };
    return buildOruMessage(subject, {
      ...names,
      processingId: hl7!.processingId,
      accessionFields: hl7!.accessionFields,
    });
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
 * The message a destination gets about a result, null where it takes objects. It names the objects the destinations
 * were sent, and is kept as it is: every attempt sends the same.
 */
export function buildMessage(destination: DestinationConfig, found: LedgerResult, report: BuiltReport): string | null {
  const way = deliveryWay(destination);
  const [source] = report.datasets.values();
  if (!source) throw new ReportError('source images', 'the header of at least one', 'none');
  const { objects, context, prior } = report;
  return MESSAGES[way]({ result: found.result, source, objects, context, ...(prior ? { prior } : {}) }, destination);
}
