import { describe, expect, it } from 'vitest';
import { agreedContexts, answerAsynchronousOperations, answerContexts } from './negotiation.js';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const proposals = [
  { id: 1, abstractSyntax: CT, transferSyntaxes: ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'] },
  { id: 3, abstractSyntax: CT, transferSyntaxes: ['1.2.3.4'] },
  { id: 5, abstractSyntax: '1.2.999', transferSyntaxes: ['1.2.840.10008.1.2'] },
];
const policy = (uid: string) =>
  uid === CT ? { transferSyntaxes: ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2'], mayBeScp: true } : null;

describe('answerContexts', () => {
  it('accepts by our order of preference and refuses with the reason', () => {
    const { answers, contexts } = answerContexts(proposals, [], policy);
    expect(answers).toEqual([
      { id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2.1' },
      { id: 3, result: 4, transferSyntax: '1.2.3.4' },
      { id: 5, result: 3, transferSyntax: '1.2.840.10008.1.2' },
    ]);
    expect([...contexts.values()]).toEqual([
      { id: 1, abstractSyntax: CT, transferSyntax: '1.2.840.10008.1.2.1', requestorIsScu: true, requestorIsScp: false },
    ]);
  });

  it('takes the first proposed syntax where any will do', () => {
    const { answers } = answerContexts(proposals.slice(1, 2), [], () => ({ transferSyntaxes: 'any' }));
    expect(answers).toEqual([{ id: 3, result: 0, transferSyntax: '1.2.3.4' }]);
  });

  it('takes what the peer prefers of those we know, and refuses the context when it proposes none', () => {
    const proposal = {
      id: 1,
      abstractSyntax: CT,
      transferSyntaxes: ['1.2.9', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2'],
    };
    const peersChoiceOf = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']);
    const answer = (of: ReadonlySet<string>) =>
      answerContexts([proposal], [], () => ({ transferSyntaxes: { peersChoiceOf: of } })).answers[0];
    expect(answer(peersChoiceOf)).toEqual({ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2.1' });
    expect(answer(new Set(['1.2.8']))?.result).toBe(4);
  });

  it('grants the SCP role only where the policy does', () => {
    const roles = [
      { sopClassUid: CT, scu: true, scp: true },
      { sopClassUid: '1.2.999', scu: true, scp: true },
    ];
    expect(answerContexts(proposals, roles, policy).roles).toEqual([{ sopClassUid: CT, scu: true, scp: true }]);
    expect(answerContexts(proposals, roles, () => ({ transferSyntaxes: 'any' })).roles.map((role) => role.scp)).toEqual(
      [false, false],
    );
  });
});

describe('agreedContexts', () => {
  it('ignores an answer that was refused, not asked for, or names another syntax', () => {
    const answers = [
      { id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' },
      { id: 3, result: 0, transferSyntax: '1.2.840.10008.1.2' },
      { id: 5, result: 3, transferSyntax: '1.2.840.10008.1.2' },
      { id: 7, result: 0, transferSyntax: '1.2.840.10008.1.2' },
    ];
    expect([...agreedContexts(proposals, answers, []).keys()]).toEqual([1]);
  });
});

describe('answerAsynchronousOperations', () => {
  it('never grants more than was asked, 0 being no limit', () => {
    const limits = { maxInvoked: 1, maxPerformed: 8 };
    expect(answerAsynchronousOperations({ maxInvoked: 0, maxPerformed: 0 }, limits)).toEqual({
      maxInvoked: 8,
      maxPerformed: 1,
    });
    expect(answerAsynchronousOperations({ maxInvoked: 3, maxPerformed: 5 }, limits)).toEqual({
      maxInvoked: 3,
      maxPerformed: 1,
    });
  });
});
