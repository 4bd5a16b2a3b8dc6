import type { DeliveryAttempt } from '@pce/shared/ports/delivery-ledger';
import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { DeliveryView } from '../../src/core/monitoring-view.js';
import { addressOf, getJson, postJson, type Visitor } from '../parts/api.js';
import { Shell, show } from '../parts/shell.js';
import { timeText } from '../parts/units.js';
import { WideTable } from '../parts/wide-table.js';

const REFRESH_MS = 5000;
const STATES = ['', 'waiting', 'awaiting-commitment', 'delivered', 'failed', 'cancelled', 'skipped'] as const;
/** States a delivery can be sent again from. */
const SETTLED = new Set<DeliveryView['state']>(['delivered', 'failed', 'cancelled']);

type AttemptView = Omit<DeliveryAttempt, 'objects' | 'startedAt' | 'endedAt'> & { startedAt: string };

function Deliveries({ who }: { who: Visitor }): VNode {
  const [deliveries, setDeliveries] = useState<DeliveryView[] | null>(null);
  const [destinations, setDestinations] = useState<string[]>([]);
  const [state, setState] = useState('');
  const [destination, setDestination] = useState('');
  const [problem, setProblem] = useState('');
  const query = new URLSearchParams({ ...(state && { state }), ...(destination && { destination }) }).toString();
  const load = useCallback(
    () =>
      getJson<{ deliveries: DeliveryView[]; destinations: string[] }>(`/api/deliveries?${query}`).then(
        (found) => {
          setDeliveries(found.deliveries);
          setDestinations(found.destinations);
        },
        (error: Error) => setProblem(error.message),
      ),
    [query],
  );
  useEffect(() => {
    void load();
    const timer = setInterval(load, REFRESH_MS);
    return () => clearInterval(timer);
  }, [load]);
  const again = async (deliveryId: string) => {
    setProblem('');
    await postJson('/api/redeliveries', { deliveryId }).catch((error: Error) => setProblem(error.message));
    await load();
  };
  const mayRetry = who.permissions.includes('retry-work');
  return (
    <Shell who={who} path="/deliveries">
      <div class="page">
        <div class="headline">
          <h1>Deliveries</h1>
          <Choice
            label="State"
            values={STATES}
            text={(one) => one.replaceAll('-', ' ')}
            value={state}
            choose={setState}
          />
          <Choice label="Destination" values={['', ...destinations]} value={destination} choose={setDestination} />
          <a href={addressOf(`/api/deliveries.csv?${query}`)} download>
            As CSV
          </a>
        </div>
        {problem && <p role="alert">{problem}</p>}
        {deliveries?.length === 0 && <p class="empty">No delivery to show.</p>}
        {deliveries && deliveries.length > 0 && (
          <WideTable label="Deliveries">
            <thead>
              <tr>
                <th scope="col">Destination</th>
                <th scope="col">State</th>
                <th scope="col">Objects</th>
                <th scope="col">Planned</th>
                <th scope="col">Settled</th>
                <th scope="col">Attempts</th>
                <th scope="col">Reason</th>
                <th scope="col">
                  <span class="unseen">Action</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((one) => (
                <DeliveryLine
                  delivery={one}
                  again={mayRetry && SETTLED.has(one.state) ? again : null}
                  key={one.deliveryId}
                />
              ))}
            </tbody>
          </WideTable>
        )}
      </div>
    </Shell>
  );
}

interface ChoiceProps {
  label: string;
  /** The empty one is for all. */
  values: readonly string[];
  text?: (value: string) => string;
  value: string;
  choose: (value: string) => void;
}

function Choice({ label, values, text = (one) => one, value, choose }: ChoiceProps): VNode {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {values.map((one) => (
          <option value={one} key={one}>
            {one === '' ? 'all' : text(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface DeliveryLineProps {
  delivery: DeliveryView;
  again: ((deliveryId: string) => void) | null;
}

function DeliveryLine({ delivery, again }: DeliveryLineProps): VNode {
  const [attempts, setAttempts] = useState<AttemptView[] | null>(null);
  const { deliveryId, state } = delivery;
  const toggle = async () => {
    if (attempts) return setAttempts(null);
    const path = `/api/deliveries/${encodeURIComponent(deliveryId)}/attempts`;
    setAttempts((await getJson<{ attempts: AttemptView[] }>(path)).attempts);
  };
  return (
    <>
      <tr>
        <th scope="row">
          {delivery.studyKey ? (
            <a href={addressOf(`/studies/${delivery.studyKey}`)}>{delivery.destination}</a>
          ) : (
            delivery.destination
          )}
        </th>
        <td>
          <span class={`state ${state}`}>{state.replaceAll('-', ' ')}</span>
        </td>
        <td>
          {delivery.acknowledgedCount} of {delivery.objectCount}
        </td>
        <td>{timeText(delivery.plannedAt)}</td>
        <td>{delivery.settledAt ? timeText(delivery.settledAt) : ''}</td>
        <td>
          <button type="button" aria-expanded={attempts !== null} onClick={toggle} disabled={delivery.attempts === 0}>
            {delivery.attempts}
          </button>
        </td>
        <td>{delivery.reason ?? ''}</td>
        <td>
          {again && (
            <button type="button" onClick={() => again(deliveryId)}>
              Send again
            </button>
          )}
        </td>
      </tr>
      {attempts?.map(({ number, startedAt, outcome, detail }) => (
        <tr class="attempt" key={number}>
          <td colSpan={8}>
            {number}. {timeText(startedAt)}: {outcome.replaceAll('-', ' ')}. {detail}
          </td>
        </tr>
      ))}
    </>
  );
}

await show((who) => <Deliveries who={who} />, 'see-monitoring');
