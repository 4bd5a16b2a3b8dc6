import type { VNode } from 'preact';
import { countByRank, filterRows, type RowFilter } from '../../src/core/filter-rows.js';
import type { Rank } from '../../src/core/order-rows.js';
import { RANK_WORDS } from '../../src/core/wording.js';
import type { WorklistRow } from '../../src/core/worklist-row.js';

const RANKS = Object.keys(RANK_WORDS) as Rank[];
const READING: { value: RowFilter['reading']; text: string }[] = [
  { value: 'open', text: 'To read' },
  { value: 'read', text: 'Read' },
  { value: 'all', text: 'All' },
];

interface FilterBarProps {
  rows: readonly WorklistRow[];
  filter: RowFilter;
  change: (filter: RowFilter) => void;
  /** Looks beyond the lines at hand; null while there is too little to look for. */
  searchAll: (() => void) | null;
}

/** What of the list is to be seen, with how many lines each choice has. */
export function FilterBar({ rows, filter, change, searchAll }: FilterBarProps): VNode {
  const counts = countByRank(filterRows(rows, { ...filter, ranks: [] }));
  const modalities = [...new Set(rows.flatMap((row) => row.modalities))].sort();
  const submit = (event: Event) => {
    event.preventDefault();
    searchAll?.();
  };
  return (
    <div class="filters">
      <search>
        <form onSubmit={submit}>
          <input
            type="search"
            aria-label="Search name, number or description"
            placeholder="Name, number, description"
            maxLength={100}
            value={filter.text}
            onInput={({ currentTarget }) => change({ ...filter, text: currentTarget.value })}
          />
          <button type="submit" disabled={searchAll === null}>
            Search all
          </button>
        </form>
      </search>
      <fieldset class="choice">
        <legend class="unseen">Read or not</legend>
        {READING.map(({ value, text }) => (
          <button
            type="button"
            aria-pressed={filter.reading === value}
            onClick={() => change({ ...filter, reading: value })}
            key={value}
          >
            {text} <span class="number">{filterRows(rows, { ...filter, reading: value }).length}</span>
          </button>
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend class="unseen">Urgency</legend>
        {RANKS.map((rank) => (
          <button
            type="button"
            class={`rank ${rank}`}
            aria-pressed={filter.ranks.includes(rank)}
            onClick={() => change({ ...filter, ranks: toggled(filter.ranks, rank) })}
            key={rank}
          >
            {RANK_WORDS[rank]} <span class="number">{counts[rank] ?? 0}</span>
          </button>
        ))}
      </fieldset>
      {modalities.length > 1 && (
        <fieldset class="choice">
          <legend class="unseen">Modality</legend>
          {modalities.map((modality) => (
            <button
              type="button"
              aria-pressed={filter.modalities.includes(modality)}
              onClick={() => change({ ...filter, modalities: toggled(filter.modalities, modality) })}
              key={modality}
            >
              {modality}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

function toggled<T>(values: readonly T[], value: T): T[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}
