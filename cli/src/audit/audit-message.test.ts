import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { describe, expect, it } from 'vitest';
import { auditMessage } from './audit-message.js';
import { AUDIT_KINDS, type AuditRecord } from './audit-record.js';

const SOURCE = { name: 'PCE', siteId: 'Site & Sons', processId: 42 };
const SCHEMA = join(import.meta.dirname, 'audit-message.rnc');
const record = (change: Partial<AuditRecord>): AuditRecord => ({
  kind: 'instances-accessed',
  at: new Date('2026-11-23T05:00:00.123Z'),
  userName: 'rita',
  address: '10.1.0.5',
  studyInstanceUid: '1.2.3',
  detail: 'view-study',
  ...change,
});
const message = (change: Partial<AuditRecord>) => auditMessage(record(change), SOURCE, 'P-1');
const HOSTILE = "a\"><x y='1'>&amp;\u0000\u000b\ud800 <![CDATA[";

/** Which messages jing, a RELAX NG validator, complains of. */
function complaintsOf(jing: string, messages: readonly string[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'pce-audit-'));
  try {
    const files = messages.map((text, index) => {
      const path = join(folder, `${index}.xml`);
      writeFileSync(path, text);
      return path;
    });
    const { status, stdout } = runTool(jing, ['-c', SCHEMA, ...files]);
    const complaints = stdout.toString();
    expect(status === 0).toBe(complaints === '');
    return messages.flatMap((_, index) => (complaints.includes(`/${index}.xml:`) ? [index] : []));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('audit messages', () => {
  it('have the form of the DICOM audit message schema, each kind, whatever the names in them', (ctx) => {
    const jing = requireTool('jing', ctx.skip);
    const messages = AUDIT_KINDS.flatMap((kind) => [
      auditMessage(record({ kind }), SOURCE, 'P-1'),
      auditMessage(record({ kind, userName: HOSTILE, detail: HOSTILE, address: '' }), SOURCE, HOSTILE),
      auditMessage(
        record({ kind, userName: '', detail: '', studyInstanceUid: null }),
        { ...SOURCE, siteId: undefined },
        null,
      ),
    ]);
    expect(complaintsOf(jing, messages)).toEqual([]);
  });

  it('would be found out by the schema when something is wrong with them', (ctx) => {
    const jing = requireTool('jing', ctx.skip);
    const good = message({});
    const damaged = [
      good.replace('EventOutcomeIndicator="0"', ''),
      good.replace('EventActionCode="R"', 'EventActionCode="X"'),
      good.replace('originalText="DICOM Instances Accessed"', ''),
      good.replace('ParticipantObjectTypeCodeRole="3"', 'ParticipantObjectTypeCodeRole="27"'),
      good.replace(/<ActiveParticipant.*<\/ActiveParticipant>/, ''),
      good.replace('<ParticipantObjectName></ParticipantObjectName>', ''),
      good.replace(/(<AuditSourceIdentification.*?<\/AuditSourceIdentification>)/, '$1$1'),
    ];
    expect(complaintsOf(jing, [good, ...damaged])).toEqual(damaged.map((_, index) => index + 1));
  });

  it('say who did what to which study of which patient', () => {
    const xml = message({});
    expect(xml).toContain('<EventID csd-code="110103" codeSystemName="DCM" originalText="DICOM Instances Accessed"/>');
    expect(xml).toContain(
      'UserID="rita" NetworkAccessPointID="10.1.0.5" NetworkAccessPointTypeCode="2" UserIsRequestor="true"',
    );
    expect(xml).toContain('UserID="42" AlternativeUserID="AETITLES=PCE"');
    expect(xml).toContain('ParticipantObjectID="1.2.3"');
    expect(xml).toContain('ParticipantObjectID="P-1" ParticipantObjectTypeCode="1"');
    expect(xml).toContain('AuditEnterpriseSiteID="Site &amp; Sons" AuditSourceID="PCE"');
  });

  it('tell what was refused or failed from what succeeded', () => {
    const outcome = (kind: AuditRecord['kind']) => /EventOutcomeIndicator="(\d+)"/.exec(message({ kind }))?.[1];
    expect(outcome('sign-in')).toBe('0');
    expect(outcome('sign-in-refused')).toBe('4');
    expect(outcome('instances-sent')).toBe('0');
    expect(outcome('instances-not-sent')).toBe('4');
    expect(outcome('audit-stopped')).toBe('8');
  });

  it('name at most one who wished for it, and the source and destination of every transfer', () => {
    for (const kind of AUDIT_KINDS) {
      expect(message({ kind }).match(/UserIsRequestor="true"/g)?.length ?? 0, kind).toBeLessThanOrEqual(1);
    }
    for (const kind of ['instances-received', 'instances-retrieved', 'sending-begun', 'instances-sent'] as const) {
      expect(message({ kind }).match(/RoleIDCode csd-code="11015[23]"/g), kind).toHaveLength(2);
    }
  });

  it('describe an alert and its subject', () => {
    const xml = message({ kind: 'node-refused', detail: 'association-rejected' });
    expect(xml).toContain('ParticipantObjectID="10.1.0.5"');
    const value = Buffer.from('association-rejected').toString('base64');
    expect(xml).toContain(`<ParticipantObjectDetail type="Alert Description" value="${value}"/>`);
  });
});
