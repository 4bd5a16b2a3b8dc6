import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Attributes } from './dicom-writer.js';
import { equipmentModules, observerOf } from './equipment.js';
import { inheritedModules } from './inherited-modules.js';
import { type LocalDateTime, localDateTime } from './local-date-time.js';
import type { ReportContext, ReportSource } from './report-context.js';
import type { DeviceObserver } from './templates.js';

/** What every object of a result has in common. */
export interface ObjectFrame {
  /** Patient, study and equipment modules, and when the object was made. */
  readonly attributes: Attributes;
  /** The order, as items of Referenced Request Sequence. */
  readonly requests: readonly Attributes[];
  readonly observer: DeviceObserver;
  readonly when: LocalDateTime;
}

/** Source: PS3.3 C.7.1.1, C.7.2.1, C.7.5.1, C.12.1. */
export function objectFrame(result: StudyResult, source: ReportSource, context: ReportContext): ObjectFrame {
  const observer = observerOf(context);
  const offset = source.dataset.string('TimezoneOffsetFromUTC');
  const when = localDateTime(context.analysedAt, offset, context.timezoneOffsetMinutes);
  const inherited = inheritedModules(source.dataset, result.studyInstanceUid);
  return {
    attributes: {
      ...inherited.attributes,
      StudyInstanceUID: result.studyInstanceUid,
      InstanceCreationDate: when.date,
      InstanceCreationTime: when.time,
      TimezoneOffsetFromUTC: when.offset,
      SeriesDate: when.date,
      SeriesTime: when.time,
      ContentDate: when.date,
      ContentTime: when.time,
      ...equipmentModules(result, observer),
    },
    requests: inherited.requests,
    observer,
    when,
  };
}
