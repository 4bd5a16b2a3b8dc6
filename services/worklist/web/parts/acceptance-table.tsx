import type { VNode } from 'preact';
import type { VersionAcceptance } from '../../src/core/acceptance.js';
import { percentText } from './units.js';
import { WideTable } from './wide-table.js';

/** How often readers agreed, by version. */
export function AcceptanceTable({ versions }: { versions: readonly VersionAcceptance[] }): VNode {
  return (
    <WideTable label="Acceptance by version">
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Findings accepted</th>
          <th scope="col">Findings rejected</th>
          <th scope="col">Acceptance (95 % interval)</th>
          <th scope="col">Exams accepted</th>
          <th scope="col">Exams rejected</th>
        </tr>
      </thead>
      <tbody>
        {versions.map(({ algorithm, version, findings, exams }) => (
          <tr key={algorithm + version}>
            <th scope="row">
              {algorithm} {version}
            </th>
            <td>{findings.accepted}</td>
            <td>{findings.rejected}</td>
            <td>
              {findings.acceptance
                ? `${percentText(findings.acceptance.share)} (${percentText(findings.acceptance.low)} to ${percentText(findings.acceptance.high)})`
                : 'none reviewed'}
            </td>
            <td>{exams.accepted}</td>
            <td>{exams.rejected}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
