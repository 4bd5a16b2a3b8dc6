import { SAMPLE_CONTEXT, SAMPLE_KINDS, sampleResult, sampleSource } from '@pce/test-support/sample-results';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import type { MessageSubject } from './message-subject.js';
import { buildWebhookBody, WebhookBodySchema } from './webhook-body.js';

const subjectOf = (kind: (typeof SAMPLE_KINDS)[number]): MessageSubject => ({
  result: sampleResult(kind),
  source: sampleSource(kind).dataset,
  objects: [{ kind: 'sr', sopClassUid: '1.2', sopInstanceUid: '2.25.5', seriesInstanceUid: '2.25.6' }],
  context: { ...SAMPLE_CONTEXT, predecessors: [] },
});

describe('buildWebhookBody', () => {
  it.each(SAMPLE_KINDS)('conforms to its schema: %s', (kind) => {
    const body = JSON.parse(JSON.stringify(buildWebhookBody(subjectOf(kind))));
    expect([...Value.Errors(WebhookBodySchema, body)]).toEqual([]);
    expect(body.notice).toContain('Research software');
  });

  it('has a schema that refuses what is wrong', () => {
    const body = { ...buildWebhookBody(subjectOf('ct-positive')), presence: 'maybe' };
    expect(Value.Check(WebhookBodySchema, body)).toBe(false);
  });

  it('suggests no urgency of a negative exam, and sends no candidate', () => {
    const body = buildWebhookBody(subjectOf('ct-candidates-only'));
    expect(body.suggestedUrgency).toBeNull();
    expect(body.findings).toEqual([]);
    expect(body.presence).toBe('absent');
  });

  it('names the exam and not the patient', () => {
    const text = JSON.stringify(buildWebhookBody(subjectOf('film-positive')));
    expect(text).toContain('"accessionNumber":"A4711"');
    expect(text).not.toMatch(/Erika|Example|PCE-SAMPLE-1|1957/);
  });

  it('calls what could not be judged undetermined, with the reason', () => {
    const body = buildWebhookBody(subjectOf('not-analysable'));
    expect([body.outcome, body.presence, body.probability, body.reasonCode]).toEqual([
      'not-analysable',
      'undetermined',
      null,
      'slices-missing',
    ]);
  });
});
