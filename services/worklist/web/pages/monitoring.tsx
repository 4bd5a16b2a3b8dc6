import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { AuditLine, MonitoringView, Throughput } from '../../src/core/monitoring-view.js';
import { AcceptanceTable } from '../parts/acceptance-table.js';
import { addressOf, getJson, postJson, type Visitor } from '../parts/api.js';
import { ControlChartFigure } from '../parts/control-chart-figure.js';
import { Shell, show } from '../parts/shell.js';
import { bytesText, durationText, timeText } from '../parts/units.js';
import { WideTable } from '../parts/wide-table.js';

const REFRESH_MS = 5000;

function Monitoring({ who }: { who: Visitor }): VNode {
  const [view, setView] = useState<MonitoringView | null>(null);
  const [problem, setProblem] = useState('');
  const load = useCallback(
    () =>
      getJson<MonitoringView>('/api/monitoring').then(
        (next) => {
          setView(next);
          setProblem('');
        },
        (error: Error) => setProblem(error.message),
      ),
    [],
  );
  useEffect(() => {
    void load();
    const timer = setInterval(load, REFRESH_MS);
    return () => clearInterval(timer);
  }, [load]);
  const retry = async (body: { studyKey: string; instanceSetDigest: string }) => {
    await postJson('/api/retries', body).catch((error: Error) => setProblem(error.message));
    await load();
  };
  return (
    <Shell who={who} path="/monitoring">
      <div class="page monitoring">
        <div class="headline">
          <h1>Monitoring</h1>
          {view && <p class="count">as of {timeText(view.at)}</p>}
        </div>
        {problem && <p role="alert">{problem}</p>}
        {view && (
          <>
            <Work view={view} />
            <Failures view={view} retry={who.permissions.includes('retry-work') ? retry : null} />
            <Destinations view={view} />
            <Readers view={view} />
            {who.permissions.includes('see-audit') && <Audit />}
          </>
        )}
      </div>
    </Shell>
  );
}

function Work({ view }: { view: MonitoringView }): VNode {
  const { disk } = view;
  return (
    <section class="cards" aria-label="Now">
      <div class="card">
        <h2>Waiting</h2>
        <dl>
          {view.queues.map(({ name, waiting }) => (
            <div key={name}>
              <dt>to {name}</dt>
              <dd>{waiting}</dd>
            </div>
          ))}
        </dl>
      </div>
      {view.throughput.map((span) => (
        <ThroughputCard span={span} key={span.span} />
      ))}
      <div class="card">
        <h2>Delivery</h2>
        <dl>
          <Times name="result to delivery" quantiles={view.resultToDeliveryMs} />
        </dl>
      </div>
      {disk && (
        <div class="card">
          <h2>Disk</h2>
          <meter
            aria-label="Disk used"
            min={0}
            max={disk.totalBytes}
            value={disk.totalBytes - disk.freeBytes}
            high={disk.totalBytes - 2 * disk.watermarkBytes}
          />
          <p>
            {bytesText(disk.freeBytes)} of {bytesText(disk.totalBytes)} free
          </p>
          <p class="detail">new images are refused below {bytesText(disk.watermarkBytes)}</p>
        </div>
      )}
      <div class="card">
        <h2>Versions</h2>
        <dl>
          {view.versions.map(({ name, version }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{version}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}

function ThroughputCard({ span }: { span: Throughput }): VNode {
  return (
    <div class="card">
      <h2>{span.span}</h2>
      <dl>
        <div>
          <dt>studies received</dt>
          <dd>{span.studiesReceived}</dd>
        </div>
        <div>
          <dt>results</dt>
          <dd>{span.resultsRecorded}</dd>
        </div>
        <Times name="last image to result" quantiles={span.receiptToResultMs} />
        <Times name="analysis" quantiles={span.analysisMs} />
      </dl>
    </div>
  );
}

function Times({ name, quantiles }: { name: string; quantiles: Throughput['analysisMs'] }): VNode {
  const { p50, p95 } = quantiles;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{p50 === null || p95 === null ? 'none' : `${durationText(p50)}, 95 % within ${durationText(p95)}`}</dd>
    </div>
  );
}

interface FailuresProps {
  view: MonitoringView;
  /** Null for those who may only look. */
  retry: ((failure: { studyKey: string; instanceSetDigest: string }) => void) | null;
}

function Failures({ view, retry }: FailuresProps): VNode {
  const { failures, reportFailures } = view;
  if (failures.length === 0 && reportFailures.length === 0) {
    return (
      <section>
        <h2>Failures</h2>
        <p class="fine">None. Every study has its answer.</p>
      </section>
    );
  }
  return (
    <section>
      <h2>Failures</h2>
      <WideTable label="Failures">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Reason</th>
            <th scope="col">Attempts</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span class="unseen">Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {failures.map(({ studyKey, instanceSetDigest, reason, attempts, requestedAt }) => (
            <tr key={studyKey + instanceSetDigest}>
              <td>analysis</td>
              <td>{reason}</td>
              <td>{attempts}</td>
              <td>{timeText(requestedAt)}</td>
              <td>
                {retry && (
                  <button type="button" onClick={() => retry({ studyKey, instanceSetDigest })}>
                    Retry
                  </button>
                )}
              </td>
            </tr>
          ))}
          {reportFailures.map(({ failure, attempts, retryAt }) => (
            <tr key={failure + retryAt}>
              <td>report</td>
              <td>{failure}</td>
              <td>{attempts}</td>
              <td>{retryAt ? `again ${timeText(retryAt)}` : 'given up'}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </WideTable>
    </section>
  );
}

function Destinations({ view }: { view: MonitoringView }): VNode {
  return (
    <section>
      <h2>Destinations</h2>
      {view.destinations.length === 0 && <p class="fine">Nothing has been sent anywhere yet.</p>}
      {view.destinations.length > 0 && (
        <WideTable label="Destinations">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col">Waiting</th>
              <th scope="col">Delivered</th>
              <th scope="col">Failed</th>
              <th scope="col">Last delivery</th>
              <th scope="col">Last failure</th>
            </tr>
          </thead>
          <tbody>
            {view.destinations.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  {one.name} <span class="detail">{one.kind}</span>
                </th>
                <td>
                  <span class={`state ${one.state}`}>{one.state}</span>
                </td>
                <td>{one.waiting}</td>
                <td>{one.delivered}</td>
                <td>{one.failed}</td>
                <td>{one.lastDeliveredAt ? timeText(one.lastDeliveredAt) : 'never'}</td>
                <td>{one.lastFailure ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
    </section>
  );
}

function Readers({ view }: { view: MonitoringView }): VNode {
  return (
    <section>
      <h2>What readers say</h2>
      {view.acceptance.length === 0 && <p class="fine">No finding has been accepted or rejected yet.</p>}
      {view.acceptance.length > 0 && <AcceptanceTable versions={view.acceptance} />}
      {view.charts.map((chart) => (
        <ControlChartFigure chart={chart} key={chart.algorithm + chart.version} />
      ))}
    </section>
  );
}

function Audit(): VNode {
  const [lines, setLines] = useState<AuditLine[] | null>(null);
  const load = async () => setLines((await getJson<{ lines: AuditLine[] }>('/api/audit')).lines);
  return (
    <section>
      <h2>Who looked at what</h2>
      <div class="actions">
        <button type="button" onClick={load}>
          {lines ? 'Refresh' : 'Show'}
        </button>
        <a href={addressOf('/api/audit.csv')} download>
          Everything as CSV
        </a>
        <a href={addressOf('/api/audit.ndjson')} download>
          as NDJSON
        </a>
      </div>
      {lines && (
        <WideTable label="Who looked at what">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">From</th>
              <th scope="col">Study</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.at + line.userName + line.action + line.studyKey}>
                <td>{timeText(line.at)}</td>
                <td>{line.userName}</td>
                <td>{line.action.replaceAll('-', ' ')}</td>
                <td>{line.address}</td>
                <td>{line.studyKey ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
    </section>
  );
}

await show((who) => <Monitoring who={who} />, 'see-monitoring');
