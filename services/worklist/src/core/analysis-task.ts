import type { DicomJsonDataset, WorkItemMatch } from '@pce/shared/ports/work-item-ledger';
import { type ObjectReference, referenceItem } from './reading-task.js';
import { codeSequence, element, itemsOf, textOf, UPS } from './ups-attributes.js';

/** The work we do, as tasks for us name it: the code our reports have for the procedure. */
const ANALYSIS_CODE = { value: 'PCE-401', scheme: '99PCE' } as const;
const ANALYSIS_MEANING = 'Automatic search for pulmonary cement embolism';

/**
 * The study a task asks us to analyse; null when it is not for us. It is for us when it names our code as the work, or
 * our AE title as the station.
 */
export function studyToAnalyse(task: DicomJsonDataset, aeTitle: string): string | null {
  const [work] = itemsOf(task, UPS.scheduledWorkitemCode);
  const isOurWork =
    work !== undefined &&
    textOf(work, UPS.codeValue) === ANALYSIS_CODE.value &&
    textOf(work, UPS.codingScheme) === ANALYSIS_CODE.scheme;
  const isOurStation = itemsOf(task, UPS.scheduledStationName).some((code) => textOf(code, UPS.codeValue) === aeTitle);
  if (!isOurWork && !isOurStation) return null;
  const [input] = itemsOf(task, UPS.inputInformation);
  const study = input ? textOf(input, UPS.studyInstanceUid) : textOf(task, UPS.studyInstanceUid);
  return study === '' ? null : study;
}

/** How tasks for us are found: those that meet any of these; `studyToAnalyse` has the last word. */
export function matchesForUs(aeTitle: string): WorkItemMatch[] {
  return [
    { kind: 'any-of', path: [UPS.scheduledWorkitemCode, UPS.codeValue], patterns: [ANALYSIS_CODE.value] },
    { kind: 'any-of', path: [UPS.scheduledStationName, UPS.codeValue], patterns: [aeTitle] },
  ];
}

/** What we did, as a completed task has to say. Times are DICOM date and time (DT). */
export function performedProcedure(
  aeTitle: string,
  startedAt: string,
  endedAt: string,
  objects: readonly ObjectReference[],
): DicomJsonDataset {
  const performed = {
    [UPS.performedStationName]: codeSequence(aeTitle, '99PCE', aeTitle),
    [UPS.performedStart]: element('DT', startedAt),
    [UPS.performedEnd]: element('DT', endedAt),
    [UPS.performedWorkitemCode]: codeSequence(ANALYSIS_CODE.value, ANALYSIS_CODE.scheme, ANALYSIS_MEANING),
    [UPS.outputInformation]: element('SQ', ...objects.map(referenceItem)),
  };
  return { [UPS.performedProcedure]: element('SQ', performed) };
}
