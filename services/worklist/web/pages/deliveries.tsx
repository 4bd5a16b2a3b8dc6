import type { DeliveryAttempt } from '@pce/shared/ports/delivery-ledger';
import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { DeliveryView } from '../../src/core/monitoring-view.js';
import { addressOf, getJson, postJson, type Visitor } from '../parts/api.js';
import { Shell, show } from '../parts/shell.js';
import { timeText } from '../parts/units.js';

const REFRESH_MS = 5000;
const STATES = ['', 'waiting', 'awaiting-commitment', 'delivered', 'failed', 'cancelled', 'skipped'] as const;
/** States a delivery can be sent again from. */
const SETTLED = new Set<DeliveryView['state']>(['delivered', 'failed', 'cancelled']);

type AttemptView = Omit<DeliveryAttempt, 'objects' | 'startedAt' | 'endedAt'> & { startedAt: string };

function Deliveries({ who }: { who: Visitor }): VNode {
  const [deliveries, setDeliveries] = useState<DeliveryView[] | null>(null);
  const [state, setState] = useState('');
  const [problem, setProblem] = useState('');
  const load = useCallback(
    () =>
      getJson<{ deliveries: DeliveryView[] }>(`/api/deliveries${state ? `?state=${state}` : ''}`).then(
        (found) => setDeliveries(found.deliveries),
        (error: Error) => setProblem(error.message),
      ),
    [state],
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
          <label>
            State{' '}
            <select value={state} onChange={({ currentTarget }) => setState(currentTarget.value)}>
              {STATES.map((one) => (
                <option value={one} key={one}>
                  {one === '' ? 'all' : one.replaceAll('-', ' ')}
                </option>
              ))}
            </select>
          </label>
        </div>
        {problem && <p role="alert">{problem}</p>}
        {deliveries?.length === 0 && <p class="empty">No delivery to show.</p>}
        {deliveries && deliveries.length > 0 && (
          <table class="plain">
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
          </table>
        )}
      </div>
    </Shell>
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
