import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from './default-rules.js';
import { routingFacts } from './routing-facts.js';
import { explainRules, parseRoutingRules } from './routing-rules.js';

const facts = (attributes: DicomAttributes) => routingFacts(readPart10(buildDicom({ attributes })).dataset);
const decide = (attributes: DicomAttributes) => explainRules(DEFAULT_RULES, facts(attributes)).decision;

describe('default rules', () => {
  it.each([
    ['Zustand nach Vertebroplastie L2'],
    ['Contrôle vertébroplastie'],
    ['CT TORAX post cifoplastia'],
    ['经皮椎体成形术后'],
    ['Leck von Zement?'],
  ])('"%s" is analysed first', (description) => {
    const attributes = { Modality: 'CT', StudyDescription: description, SpecificCharacterSet: 'ISO_IR 192' };
    expect(decide(attributes)).toMatchObject({ action: 'analyse', priority: 80 });
  });

  it('a procedure code of the order is enough', () => {
    const code = { CodeValue: '22513', CodingSchemeDesignator: 'C4', CodeMeaning: 'Percutaneous augmentation' };
    const attributes = { Modality: 'CR', RequestAttributesSequence: [{ RequestedProcedureCodeSequence: [code] }] };
    expect(decide(attributes)).toMatchObject({
      action: 'analyse',
      rule: 'after cement augmentation, by procedure code',
    });
  });

  it('a chest without more is analysed later, an MR not at all, and it says why', () => {
    expect(decide({ Modality: 'DX', BodyPartExamined: 'CHEST' })).toMatchObject({ action: 'analyse', priority: 50 });
    expect(decide({ Modality: 'MR', StudyDescription: 'Vertebroplasty' })).toEqual({
      action: 'ignore',
      rule: 'not an image we read',
      reason: 'only CT and radiographs are analysed',
    });
  });

  it('our own results are never analysed, whatever the rules', () => {
    const attributes = { Modality: 'CT', BodyPartExamined: 'CHEST', ManufacturerModelName: 'PCE' };
    expect(decide(attributes)).toMatchObject({ action: 'ignore', rule: null });
    const contributed = { Modality: 'CT', ContributingEquipmentSequence: [{ ManufacturerModelName: 'PCE Detector' }] };
    expect(decide(contributed)).toMatchObject({ action: 'ignore', rule: null });
  });
});

describe('rules of a site', () => {
  const rules = `
rules:
  - name: no knees
    when: { bodyPart: ['KNEE*'] }
    action: ignore
    reason: not a chest
  - name: lateral films
    when:
      modality: [DX]
      viewPosition: [LL, RL]
    action: analyse
    priority: 90
    destinations: [pacs]
`;

  it('decide by the first that matches, and explain each condition', () => {
    const checked = parseRoutingRules(rules);
    if (checked.kind === 'invalid') throw new Error(checked.problems.join());
    const explanation = explainRules(
      checked.value,
      facts({ Modality: 'DX', ViewPosition: 'LL', BodyPartExamined: 'chest' }),
    );
    expect(explanation).toEqual({
      decision: { action: 'analyse', rule: 'lateral films', priority: 90, destinations: ['pacs'] },
      tried: [
        {
          rule: 'no knees',
          isMatch: false,
          conditions: [{ condition: 'bodyPart', expected: ['KNEE*'], received: ['chest'], isMet: false }],
        },
        {
          rule: 'lateral films',
          isMatch: true,
          conditions: [
            { condition: 'modality', expected: ['DX'], received: ['DX'], isMet: true },
            { condition: 'viewPosition', expected: ['LL', 'RL'], received: ['LL'], isMet: true },
          ],
        },
      ],
    });
    expect(explainRules(checked.value, facts({ Modality: 'CT' })).decision).toEqual({
      action: 'ignore',
      rule: null,
      reason: 'no rule matches',
    });
  });

  it('name every problem with its line', () => {
    const broken = rules
      .replace('priority: 90', 'priority: 900')
      .replace('modality: [DX]', 'modallity: [DX]')
      .replace('    reason: not a chest\n', '');
    expect(parseRoutingRules(broken)).toEqual({
      kind: 'invalid',
      problems: [
        'line 8: rules.1.when.modallity: is not a setting that exists here',
        'line 11: rules.1.priority: must be <= 100',
      ],
    });
    expect(parseRoutingRules(rules.replace('    reason: not a chest\n', ''))).toEqual({
      kind: 'invalid',
      problems: ['rule "no knees": action ignore needs a reason'],
    });
    expect(parseRoutingRules('rules: [\n  {')).toMatchObject({
      kind: 'invalid',
      problems: [expect.stringMatching(/^line 2: /), expect.stringMatching(/^line 2: /)],
    });
  });

  it('a pattern is no regular expression: dots and brackets mean themselves', () => {
    const checked = parseRoutingRules("rules: [{ name: a, when: { description: ['T1.5 (a)'] }, action: analyse }]");
    if (checked.kind === 'invalid') throw new Error(checked.problems.join());
    const decisionFor = (StudyDescription: string) =>
      explainRules(checked.value, facts({ StudyDescription })).decision.action;
    expect([decisionFor('x T1.5 (A) y'), decisionFor('x T1x5 (a) y')]).toEqual(['analyse', 'ignore']);
  });
});
