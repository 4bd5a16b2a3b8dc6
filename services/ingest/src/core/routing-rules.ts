import { type CheckedYaml, readCheckedYaml } from '@pce/shared/config/checked-yaml';
import { type Static, Type } from 'typebox';
import type { RoutingFacts } from './routing-facts.js';

const Texts = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });

/** Every condition given must hold; within one, any value will do. */
const ConditionsSchema = Type.Object(
  {
    modality: Type.Optional(Texts),
    sopClass: Type.Optional(Texts),
    /** Whole values of Body Part Examined; `*` stands for any text. */
    bodyPart: Type.Optional(Texts),
    viewPosition: Type.Optional(Texts),
    /** Found anywhere in a description; letter case and accents do not count; `*` stands for any text. */
    description: Type.Optional(Texts),
    /** "scheme:value". */
    procedureCode: Type.Optional(Texts),
  },
  { additionalProperties: false },
);

const RuleSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    when: ConditionsSchema,
    action: Type.Enum(['analyse', 'ignore']),
    /** Shown to people; a must for "ignore". */
    reason: Type.Optional(Type.String({ minLength: 1 })),
    /** 0 to 100, higher first. */
    priority: Type.Integer({ minimum: 0, maximum: 100, default: 50 }),
    destinations: Type.Array(Type.String(), { default: [] }),
  },
  { additionalProperties: false },
);

export const RoutingRulesSchema = Type.Object(
  { rules: Type.Array(RuleSchema, { minItems: 1 }) },
  { additionalProperties: false },
);
export type RoutingRules = Static<typeof RoutingRulesSchema>;
export type RoutingRule = RoutingRules['rules'][number];

/** What is to be done with an instance. */
export type RoutingDecision =
  | { action: 'analyse'; rule: string; priority: number; destinations: string[] }
  | { action: 'ignore'; rule: string | null; reason: string };

/** One condition, as it was tried. */
export interface TriedCondition {
  condition: string;
  expected: string[];
  received: string[];
  isMet: boolean;
}

export interface TriedRule {
  rule: string;
  isMatch: boolean;
  conditions: TriedCondition[];
}

/** A decision and how it came about: the rules in order, up to the one that decided. */
export interface RoutingExplanation {
  decision: RoutingDecision;
  tried: TriedRule[];
}

/** Reads rules from YAML; problems carry their line. */
export function parseRoutingRules(text: string): CheckedYaml<typeof RoutingRulesSchema> {
  const checked = readCheckedYaml(RoutingRulesSchema, text);
  if (checked.kind === 'invalid') return checked;
  const problems = checked.value.rules
    .filter((rule) => rule.action === 'ignore' && rule.reason === undefined)
    .map((rule) => `rule "${rule.name}": action ignore needs a reason`);
  return problems.length > 0 ? { kind: 'invalid', problems } : checked;
}

/** Decides by the first rule that matches, and explains. What no rule matches is ignored. */
export function explainRules({ rules }: RoutingRules, facts: RoutingFacts): RoutingExplanation {
  if (facts.isOwnResult) {
    const reason = 'made by this software: analysing it again would go round in circles';
    return { decision: { action: 'ignore', rule: null, reason }, tried: [] };
  }
  const tried: TriedRule[] = [];
  for (const rule of rules) {
    const conditions = tryConditions(rule, facts);
    const isMatch = conditions.every((condition) => condition.isMet);
    tried.push({ rule: rule.name, isMatch, conditions });
    if (isMatch) return { decision: decisionOf(rule), tried };
  }
  return { decision: { action: 'ignore', rule: null, reason: 'no rule matches' }, tried };
}

function decisionOf(rule: RoutingRule): RoutingDecision {
  const { name, action, priority, destinations, reason } = rule;
  if (action === 'ignore') return { action, rule: name, reason: reason ?? '' };
  return { action: 'analyse', rule: name, priority, destinations };
}

function tryConditions({ when }: RoutingRule, facts: RoutingFacts): TriedCondition[] {
  const tried: TriedCondition[] = [];
  const test = (condition: string, expected: string[] | undefined, received: string[], isPart: boolean) => {
    if (!expected) return;
    const isMet = expected.some((pattern) => received.some((value) => matches(pattern, value, isPart)));
    tried.push({ condition, expected, received, isMet });
  };
  test('modality', when.modality, [facts.modality], false);
  test('sopClass', when.sopClass, [facts.sopClassUid], false);
  test('bodyPart', when.bodyPart, [facts.bodyPart], false);
  test('viewPosition', when.viewPosition, [facts.viewPosition], false);
  test('description', when.description, facts.descriptions, true);
  test('procedureCode', when.procedureCode, facts.procedureCodes, false);
  return tried;
}

function matches(pattern: string, value: string, isPart: boolean): boolean {
  const parts = fold(pattern)
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const expression = parts.join('.*');
  return new RegExp(isPart ? expression : `^${expression}$`, 's').test(fold(value));
}

/** Without letter case and accents: "Vertébroplastie" as "vertebroplastie". */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
