import { expect, it } from 'vitest';
import type { StudyEvent } from '../ports/event-hub.js';
import { InProcessEvents } from './in-process-events.js';

const event: StudyEvent = { kind: 'analysed', studyInstanceUid: '1.2.3' };

it('tells every listener, whatever another one does, until it has heard enough', () => {
  const failures: string[] = [];
  const hub = new InProcessEvents((error) => failures.push(error.message));
  const heard: string[] = [];
  hub.subscribe(() => {
    throw new Error('deaf');
  });
  const first = (one: StudyEvent) => heard.push(`first ${one.kind}`);
  const end = hub.subscribe(first);
  hub.subscribe(first);
  hub.publish(event);
  expect(heard).toEqual(['first analysed', 'first analysed']);
  end();
  hub.publish(event);
  expect(heard).toHaveLength(3);
  expect(failures).toEqual(['deaf', 'deaf']);
});
