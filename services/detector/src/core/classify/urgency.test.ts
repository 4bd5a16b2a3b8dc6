import type { Finding } from '@pce/shared/contracts/finding';
import { describe, expect, it } from 'vitest';
import { mostUrgent, suggestUrgency } from './urgency.js';

function finding(changes: Partial<Finding>): Finding {
  return {
    kind: 'pulmonary-cement-embolism',
    assessment: 'suspected',
    site: 'pulmonary-artery',
    arteryLevel: 'segmental-or-smaller',
    side: 'right',
    centreLpsMm: [0, 0, 0],
    ...changes,
  } as Finding;
}

describe('suggestUrgency', () => {
  it.each([
    ['critical', { site: 'right-heart' }],
    ['critical', { arteryLevel: 'main' }],
    ['high', { arteryLevel: 'right-or-left' }],
    ['high', { arteryLevel: 'lobar' }],
    ['high', { site: 'inferior-vena-cava', kind: 'venous-cement-leak' }],
    ['high', { site: 'azygos-vein', kind: 'venous-cement-leak' }],
    ['medium', {}],
    ['medium', { site: 'lung', arteryLevel: null }],
    ['low', { site: 'paravertebral-veins', kind: 'venous-cement-leak' }],
    ['low', { assessment: 'indeterminate' }],
    ['none', { assessment: 'candidate' }],
    ['none', { kind: 'vertebral-cement', site: 'vertebra' }],
    ['high', { site: 'right-heart', centreLpsMm: null }],
    ['high', { arteryLevel: 'main', centreLpsMm: null }],
  ] as const)('%s for %j', (urgency, changes) => {
    expect(suggestUrgency([finding(changes as Partial<Finding>)])).toBe(urgency);
  });

  it('is high for numerous emboli on both sides, and none for nothing', () => {
    const many = (side: 'left' | 'right', count: number) => Array.from({ length: count }, () => finding({ side }));
    expect(suggestUrgency([...many('left', 6), ...many('right', 7)])).toBe('high');
    expect(suggestUrgency([...many('left', 6), ...many('right', 6)])).toBe('medium');
    expect(suggestUrgency(many('left', 13))).toBe('medium');
    expect(suggestUrgency([])).toBe('none');
  });

  it('takes the most urgent of several', () => {
    expect(mostUrgent(['low', 'critical', 'none'])).toBe('critical');
    expect(mostUrgent([])).toBe('none');
  });
});
