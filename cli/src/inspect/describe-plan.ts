import type { InstanceHeader } from '@pce/detector/core/volume/instance-header';
import { type PlannedPart, planStudy } from '@pce/detector/core/volume/plan-study';
import type { Fact } from './fact.js';

/** Whether and why the images would be analysed: one fact per series or film, what is read first. */
export function describePlan(headers: readonly InstanceHeader[]): Fact[] {
  const { parts, passedOver } = planStudy(headers);
  return [
    ...parts.map(describePart),
    ...passedOver.map(
      ({ modality, seriesInstanceUid, images, reason }): Fact => ({
        key: 'leftOut',
        label: 'Left out',
        value: `${modality || 'unknown'} series ${seriesInstanceUid}, ${count(images.length)}: ${reason.message}`,
      }),
    ),
  ];
}

function describePart(part: PlannedPart): Fact {
  switch (part.kind) {
    case 'ct': {
      const { headers } = part.candidates[0]!;
      return {
        key: 'analysed',
        label: 'Analysed',
        value: `CT series ${headers[0]!.seriesInstanceUid}, ${count(headers.length)}: ${part.why}`,
      };
    }
    case 'radiograph':
      return { key: 'analysed', label: 'Analysed', value: `film ${part.header.sopInstanceUid}` };
    case 'refused': {
      const { kind, reason } = part.outcome;
      const value = `${part.headers[0]!.modality || 'unknown'}, ${count(part.headers.length)}: ${reason.message}`;
      return kind === 'not-analysable'
        ? { key: 'notAnalysable', label: 'Not analysable', value }
        : { key: 'notApplicable', label: 'Not applicable', value };
    }
  }
}

function count(images: number): string {
  return images === 1 ? '1 image' : `${images} images`;
}
