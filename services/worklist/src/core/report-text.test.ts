import { readPart10 } from '@pce/shared/dicom/part10';
import { expect, it } from 'vitest';
import { buildDicom } from '../../../../test-support/src/dicom-builder.js';
import { reportText } from './report-text.js';

const code = (CodeValue: string, CodeMeaning: string) => [{ CodeValue, CodingSchemeDesignator: 'DCM', CodeMeaning }];

it('writes a report down item by item, nested as it is, without a UID', () => {
  const file = buildDicom({
    attributes: {
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
      SOPInstanceUID: '2.25.77777',
      SpecificCharacterSet: 'ISO_IR 192',
      StudyInstanceUID: '2.25.88888',
      Modality: 'SR',
      PatientName: 'Müller^Erika',
      PatientID: 'P-1',
      StudyDate: '20261121',
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'UNVERIFIED',
      ValueType: 'CONTAINER',
      ConceptNameCodeSequence: code('126000', 'Imaging Measurement Report'),
      ContentSequence: [
        {
          RelationshipType: 'CONTAINS',
          ValueType: 'CONTAINER',
          ConceptNameCodeSequence: code('125007', 'Measurement Group'),
          ContentSequence: [
            {
              RelationshipType: 'CONTAINS',
              ValueType: 'NUM',
              ConceptNameCodeSequence: code('1', 'Length'),
              MeasuredValueSequence: [{ NumericValue: '23.4', MeasurementUnitsCodeSequence: code('mm', 'millimeter') }],
            },
            {
              RelationshipType: 'CONTAINS',
              ValueType: 'UIDREF',
              ConceptNameCodeSequence: code('2', 'Tracking Unique Identifier'),
              UID: '2.25.99999',
            },
            {
              RelationshipType: 'CONTAINS',
              ValueType: 'CODE',
              ConceptNameCodeSequence: code('3', 'Finding'),
              ConceptCodeSequence: code('4', 'Embolus'),
            },
          ],
        },
        {
          RelationshipType: 'CONTAINS',
          ValueType: 'TEXT',
          ConceptNameCodeSequence: code('5', 'Comment'),
          TextValue: 'Research software.',
        },
      ],
    },
  });
  const text = reportText(readPart10(file).dataset);
  expect(text).toBe(`Research software. Not for clinical use until a site has validated it.

Imaging Measurement Report
Patient: Müller, Erika  ID P-1
Study: 2026-11-21
Accession:
State: COMPLETE, UNVERIFIED

Measurement Group
  Length: 23.4 mm
  Tracking Unique Identifier: (identifier)
  Finding: Embolus
Comment: Research software.
`);
});
