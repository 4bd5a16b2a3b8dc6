import { PRESENCES, QUALITIES, URGENCIES } from '@pce/shared/contracts/exam-outcome';
import { ASSESSMENTS, FINDING_KINDS, LOBES, SIDES, SITES, ZONES } from '@pce/shared/contracts/finding';
import { type Static, Type } from 'typebox';
import { comparisonComments } from '../comparison-text.js';
import { countEmboli } from '../count-emboli.js';
import { trackingIdentifier } from '../finding-group.js';
import { type ComparedFindings, compareWithPriors } from '../priors.js';
import { REPORT_OBJECT_KINDS } from '../report-object.js';
import { examComments, findingComments, RESEARCH_NOTICE } from '../report-text.js';
import type { MessageSubject } from './message-subject.js';
import { orderIdentity } from './order-identity.js';

const oneOf = <const T extends readonly string[]>(values: T) => Type.Enum(values as unknown as T[number][]);
const orNull = <T extends ReturnType<typeof oneOf>>(schema: T) => Type.Union([schema, Type.Null()]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);

const WebhookFindingSchema = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  /** Names the embolus over time: the same in every report of it. */
  trackingUid: Type.String(),
  kind: oneOf(FINDING_KINDS),
  assessment: oneOf(ASSESSMENTS),
  probability: Type.Number(),
  site: oneOf(SITES),
  side: orNull(oneOf(SIDES)),
  lobe: orNull(oneOf(LOBES)),
  zone: orNull(oneOf(ZONES)),
  lengthMm: NumberOrNull,
  calibreMm: NumberOrNull,
  /** Against the earlier exam; null where there is none to compare with. */
  change: orNull(oneOf(['new', 'stable', 'migrated'])),
  /** Where it shows best. */
  image: Type.Object({
    sopInstanceUid: Type.String(),
    seriesInstanceUid: Type.String(),
    frameNumber: Type.Union([Type.Integer(), Type.Null()]),
  }),
  comments: Type.Array(Type.String()),
});

/** What a webhook receives: UIDs and the accession number to find the exam by, and nothing else of the patient. */
export const WebhookBodySchema = Type.Object({
  schemaVersion: Type.Literal(1),
  event: Type.Literal('result'),
  notice: Type.String(),
  analysedAt: Type.String({ format: 'date-time' }),
  studyInstanceUid: Type.String(),
  accessionNumber: Type.String(),
  outcome: oneOf(['analysed', 'not-analysable', 'not-applicable']),
  /** Machine-readable cause where there is no analysis. */
  reasonCode: Type.Union([Type.String(), Type.Null()]),
  presence: oneOf(PRESENCES),
  /** That the exam shows pulmonary cement embolism; null without analysis. */
  probability: NumberOrNull,
  /** Null where nothing is suggested: a negative result never lowers a priority. */
  suggestedUrgency: orNull(oneOf(URGENCIES.filter((urgency) => urgency !== 'none'))),
  quality: orNull(oneOf(QUALITIES)),
  /** At least so many emboli are suspected. */
  emboliSuspected: Type.Integer(),
  comments: Type.Array(Type.String()),
  findings: Type.Array(WebhookFindingSchema),
  objects: Type.Array(
    Type.Object({
      kind: oneOf(REPORT_OBJECT_KINDS),
      sopClassUid: Type.String(),
      sopInstanceUid: Type.String(),
      seriesInstanceUid: Type.String(),
    }),
  ),
  /** SOP Instance UIDs of the reports this one replaces. */
  replaces: Type.Array(Type.String()),
  comparedWith: Type.Union([Type.String(), Type.Null()]),
  noLongerSeen: Type.Array(Type.Object({ name: Type.String(), trackingUid: Type.String() })),
  algorithm: Type.Object({ name: Type.String(), version: Type.String(), parametersDigest: Type.String() }),
});
export type WebhookBody = Static<typeof WebhookBodySchema>;

function webhookFindings({ result }: MessageSubject, compared: ComparedFindings): WebhookBody['findings'] {
  const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const shown = findings.filter(({ assessment }) => assessment !== 'candidate');
  return shown.map((finding) => {
    const { id, kind, assessment, probability, site, side, lobe, zone, measurements, regions } = finding;
    const { sopInstanceUid, seriesInstanceUid, frameNumber } = regions[0]!.image;
    return {
      id,
      name: trackingIdentifier(finding),
      trackingUid: compared.trackingUids.get(finding)!,
      kind,
      assessment,
      probability,
      site,
      side,
      lobe,
      zone,
      lengthMm: measurements.lengthMm,
      calibreMm: measurements.calibreMm,
      change: compared.changes.get(finding) ?? null,
      image: { sopInstanceUid, seriesInstanceUid, frameNumber: frameNumber ?? null },
      comments: findingComments(finding),
    };
  });
}

/** The result for programs. It conforms to `WebhookBodySchema`; signing is up to who sends it. */
export function buildWebhookBody(subject: MessageSubject): WebhookBody {
  const { result, source, objects, context, prior } = subject;
  const { outcome } = result;
  const compared = compareWithPriors(result, prior);
  const analysed = outcome.kind === 'analysed' ? outcome : null;
  const urgency = analysed?.suggestedUrgency ?? 'none';
  const { name, version, parametersDigest } = result.algorithm;
  return {
    schemaVersion: 1,
    event: 'result',
    notice: RESEARCH_NOTICE,
    analysedAt: context.analysedAt.toISOString(),
    studyInstanceUid: result.studyInstanceUid,
    accessionNumber: orderIdentity(source).accessionNumber,
    outcome: outcome.kind,
    reasonCode: outcome.kind === 'analysed' ? null : outcome.reason.code,
    presence: analysed?.presence ?? 'undetermined',
    probability: analysed?.probability ?? null,
    suggestedUrgency: urgency === 'none' ? null : urgency,
    quality: analysed?.quality.level ?? null,
    emboliSuspected: countEmboli(result, 'suspected').emboli,
    comments: [...examComments(result), ...comparisonComments(compared)],
    findings: webhookFindings(subject, compared),
    objects: objects.map(({ kind, sopClassUid, sopInstanceUid, seriesInstanceUid }) => ({
      kind,
      sopClassUid,
      sopInstanceUid,
      seriesInstanceUid,
    })),
    replaces: (context.predecessors ?? []).map(({ sopInstanceUid }) => sopInstanceUid),
    comparedWith: compared.earlier?.report.sopInstanceUid ?? null,
    noLongerSeen: compared.noLongerSeen.map(({ trackingIdentifier: gone, trackingUid }) => ({
      name: gone,
      trackingUid,
    })),
    algorithm: { name, version, parametersDigest },
  };
}
