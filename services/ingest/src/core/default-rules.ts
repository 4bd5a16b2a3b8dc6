import type { RoutingRules } from './routing-rules.js';

/** Words for cement augmentation in the languages sites write in, as parts of words. */
const AUGMENTATION_WORDS = [
  'vertebroplast',
  'kyphoplast',
  'cifoplast',
  'cyphoplast',
  'kifoplast',
  'ballonkyphoplast',
  'cement',
  'zement',
  'ciment',
  'pmma',
  'pvp',
  'pkp',
  'вертебропласт',
  'кифопласт',
  'цемент',
  '椎体成形',
  '骨水泥',
  'セメント',
];

/**
 * Procedures that put cement into a vertebra: CPT 22510-22515 (the older 22520-22525 too), ICD-10-PCS, OPCS-4, OPS,
 * ICD-9-CM and RadLex. Source: the coding systems themselves; OPCS-4, OPS, ICD-9-CM, the older CPT and the thoracic
 * ICD-10-PCS codes were not checked against a current release.
 */
const AUGMENTATION_CODES = [
  ...['22510', '22511', '22512', '22513', '22514', '22515'].map((code) => `C4:${code}`),
  ...['22520', '22521', '22522', '22523', '22524', '22525'].map((code) => `C4:${code}`),
  ...['0QU03JZ', '0QU13JZ', '0PU33JZ', '0PU43JZ', '0PS43ZZ', '0QS03ZZ', 'XNU0356', 'XNU4356'].map(
    (code) => `I10P:${code}`,
  ),
  ...['V44.4', 'V44.5'].map((code) => `OPCS4:${code}`),
  ...['5-839.9*', '5-839.a*'].map((code) => `OPS:${code}`),
  ...['81.65', '81.66'].map((code) => `I9C:${code}`),
  ...['RID1838', 'RID1839', 'RID1840'].map((code) => `RADLEX:${code}`),
];

const READ_MODALITIES = ['CT', 'CR', 'DX', 'RF', 'XA'];
const CHEST_PARTS = [
  'CHEST*',
  'THORAX*',
  'LUNG*',
  'TSPINE*',
  'LSPINE*',
  'TLSPINE*',
  'SPINE*',
  'THORACIC*',
  'LUMBAR*',
  'ABDOMEN*',
  'WHOLEBODY*',
];
const CHEST_WORDS = [
  'chest',
  'thora',
  'lung',
  'pulm',
  'torax',
  'poumon',
  'wirbel',
  'spine',
  'rachis',
  'columna',
  'colonna',
  '胸',
  '肺',
  'грудн',
  'лёгк',
  'легк',
];

/** The rules that hold when a site has none of its own. */
export const DEFAULT_RULES: RoutingRules = {
  rules: [
    {
      name: 'not an image we read',
      when: {
        modality: [
          'MR',
          'US',
          'NM',
          'PT',
          'MG',
          'IO',
          'PX',
          'SR',
          'PR',
          'KO',
          'SEG',
          'DOC',
          'OT',
          'RTSTRUCT',
          'RTDOSE',
          'RTPLAN',
          'REG',
          'ECG',
          'AU',
          'SC',
        ],
      },
      action: 'ignore',
      reason: 'only CT and radiographs are analysed',
      priority: 50,
      destinations: [],
    },
    {
      name: 'after cement augmentation, by procedure code',
      when: { modality: READ_MODALITIES, procedureCode: AUGMENTATION_CODES },
      action: 'analyse',
      priority: 80,
      destinations: [],
    },
    {
      name: 'after cement augmentation, by description',
      when: { modality: READ_MODALITIES, description: AUGMENTATION_WORDS },
      action: 'analyse',
      priority: 80,
      destinations: [],
    },
    {
      name: 'chest or spine, by body part',
      when: { modality: READ_MODALITIES, bodyPart: CHEST_PARTS },
      action: 'analyse',
      priority: 50,
      destinations: [],
    },
    {
      name: 'chest or spine, by description',
      when: { modality: READ_MODALITIES, description: CHEST_WORDS },
      action: 'analyse',
      priority: 50,
      destinations: [],
    },
    {
      name: 'of a modality we read, not labelled as anything we know',
      when: { modality: READ_MODALITIES },
      action: 'analyse',
      priority: 30,
      destinations: [],
    },
  ],
};
