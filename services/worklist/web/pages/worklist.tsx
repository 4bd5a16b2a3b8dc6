import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { EVERYTHING, filterRows, type RowFilter } from '../../src/core/filter-rows.js';
import { orderRows } from '../../src/core/order-rows.js';
import type { WorklistRow } from '../../src/core/worklist-row.js';
import type { Visitor } from '../parts/api.js';
import { postJson } from '../parts/api.js';
import { FilterBar } from '../parts/filter-bar.js';
import { Shell, show } from '../parts/shell.js';
import { StudyTable } from '../parts/study-table.js';
import { useLiveRows } from '../parts/use-live-rows.js';

/** Ages on the page are this old at most. */
const CLOCK_MS = 20_000;
/** Fewer letters find too much. */
const LEAST_SEARCH = 2;

function Worklist({ who }: { who: Visitor }): VNode {
  const { rows, fresh, connection, add } = useLiveRows();
  const [filter, setFilter] = useState<RowFilter>({ ...EVERYTHING, reading: 'open' });
  const [now, setNow] = useState(Date.now());
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), CLOCK_MS);
    return () => clearInterval(timer);
  }, []);
  useKeys(page);
  const ordered = useMemo(() => orderRows([...rows.values()]), [rows]);
  const shown = useMemo(() => filterRows(ordered, filter), [ordered, filter]);
  const searchAll = async () => {
    const found = await postJson<{ rows: WorklistRow[] }>('/api/studies/search', { text: filter.text.trim() });
    add(found?.rows ?? []);
    setFilter({ ...filter, reading: 'all' });
  };
  return (
    <Shell who={who} path="">
      <div class="page" ref={page}>
        <div class="headline">
          <h1>Worklist</h1>
          <p class={`connection ${connection}`} role="status">
            {connection === 'live' ? 'Live' : 'Connecting…'}
          </p>
          <p class="keys">
            <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>/</kbd> search
          </p>
        </div>
        <FilterBar
          rows={ordered}
          filter={filter}
          change={setFilter}
          searchAll={filter.text.trim().length >= LEAST_SEARCH ? searchAll : null}
        />
        <p class="count" role="status">
          {shown.length} of {ordered.length} studies
        </p>
        <StudyTable rows={shown} fresh={fresh} now={now} />
        {shown.length === 0 && <p class="empty">No study to show. New ones appear here by themselves.</p>}
      </div>
    </Shell>
  );
}

/** Moves between lines without the mouse. */
function useKeys(page: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape' && isTyping) (event.target as HTMLElement).blur();
      if (isTyping) return;
      if (event.key === '/') {
        event.preventDefault();
        page.current?.querySelector<HTMLInputElement>('input[type=search]')?.focus();
      }
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const links = [...(page.current?.querySelectorAll<HTMLAnchorElement>('a.study') ?? [])];
      const at = links.indexOf(document.activeElement as HTMLAnchorElement);
      links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [page]);
}

await show((who) => <Worklist who={who} />, 'view-studies');
