import type { VNode } from 'preact';
import { rankOf } from '../../src/core/order-rows.js';
import { ageText, answerText, RANK_WORDS } from '../../src/core/wording.js';
import type { WorklistRow } from '../../src/core/worklist-row.js';
import { addressOf } from './api.js';

interface StudyTableProps {
  rows: readonly WorklistRow[];
  fresh: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  now: number;
}

/** The lines, most urgent first; on a narrow screen each is a card. */
export function StudyTable({ rows, fresh, now }: StudyTableProps): VNode {
  return (
    <table class="studies">
      <thead>
        <tr>
          <th scope="col">Urgency</th>
          <th scope="col">Patient</th>
          <th scope="col">Study</th>
          <th scope="col">Answer</th>
          <th scope="col">Waiting</th>
          <th scope="col">Read</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <StudyLine row={row} isFresh={fresh.has(row.key)} now={now} key={row.key} />
        ))}
      </tbody>
    </table>
  );
}

function StudyLine({ row, isFresh, now }: { row: WorklistRow; isFresh: boolean; now: number }): VNode {
  const rank = rankOf(row);
  const address = addressOf(`/studies/${row.key}`);
  const person = [row.patientId, row.sex, row.birthDate && `born ${row.birthDate}`].filter(Boolean).join(' · ');
  const what = [row.modalities.join(' '), `${row.imageCount} image${row.imageCount === 1 ? '' : 's'}`];
  const open = (event: MouseEvent) => {
    if (!(event.target as Element).closest('a')) location.assign(address);
  };
  return (
    // The link inside is what keys and readers use; a click anywhere on the line is a convenience of the mouse.
    <tr class={`${rank}${isFresh ? ' fresh' : ''}${row.verdict ? ' read' : ''}`} onClick={open}>
      <td class="urgency">
        <span class={`rank ${rank}`}>{RANK_WORDS[rank]}</span>
      </td>
      <td class="patient">
        <a class="study" href={address}>
          {row.patientName || row.patientId || 'Without a name'}
        </a>
        <span class="detail">{person}</span>
      </td>
      <td class="what">
        {row.description || 'Without a description'}
        <span class="detail">
          {[row.studyDate, ...what, row.accessionNumber && `acc. ${row.accessionNumber}`].filter(Boolean).join(' · ')}
        </span>
      </td>
      <td class="answer">
        {answerText(row)}
        {row.reason && <span class="detail">{row.reason}</span>}
        {row.probability !== null && <span class="detail">probability {Math.round(row.probability * 100)} %</span>}
      </td>
      <td class="age">
        <time dateTime={row.receivedAt}>{ageText(Math.max(0, now - Date.parse(row.receivedAt)))}</time>
      </td>
      <td class="verdict">{row.verdict && `${row.verdict} by ${row.verdictBy}`}</td>
    </tr>
  );
}
