/** The desk with a service that answers late, refuses, or is away. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/http';
import type { Lead, Page } from '../api/types';
import { sampleLead } from './sample';
import { type DeskService, DeskStore, type Notice, REASON_WINDOW } from './store';

interface Call {
  what: string;
  answer: (error?: Problem) => void;
}

/** Answers only when told to, and remembers what it was asked. */
class SlowService implements DeskService {
  readonly calls: Call[] = [];

  constructor(private readonly stock: Lead[]) {}

  private call(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        what,
        answer: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  }

  leads(): Promise<Page<Lead>> {
    return Promise.resolve({ items: this.stock, next_cursor: null, total: this.stock.length });
  }

  decidedToday(): Promise<number> {
    return Promise.resolve(0);
  }

  async decide(id: number, verdict: string, label: string | null, reason: string | null) {
    await this.call(`${verdict} ${id} ${label ?? '-'} ${reason ?? '-'}`);
    return { ...sampleLead(id), case_id: 100 + id };
  }

  undo(id: number) {
    return this.call(`undo ${id}`);
  }

  get asked(): string[] {
    return this.calls.map((call) => call.what);
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('DeskStore', () => {
  let service: SlowService;
  let notices: Notice[];
  let store: DeskStore;
  const ids = () => store.get().queue.map((lead) => lead.id);

  beforeEach(async () => {
    vi.useFakeTimers();
    service = new SlowService([1, 2, 3].map((id) => sampleLead(id)));
    notices = [];
    store = new DeskStore(service, (notice) => notices.push(notice));
    await store.refresh();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows the next lead before the service has answered', async () => {
    store.confirm();
    await settle();
    expect(ids()).toEqual([2, 3]);
    expect(service.asked).toEqual(['confirm 1 - -']);
  });

  it('sends the corrected class', async () => {
    store.chooseClass('spill');
    store.confirm();
    await settle();
    expect(service.asked).toEqual(['confirm 1 spill -']);
  });

  it('waits for the reason of a rejection and sends both together', async () => {
    store.reject();
    await settle();
    expect(service.asked).toEqual([]);
    store.giveReason('duplicate');
    await settle();
    expect(service.asked).toEqual(['reject 1 - duplicate']);
  });

  it('sends a rejection without reason when the time for it has passed', async () => {
    store.reject();
    vi.advanceTimersByTime(REASON_WINDOW);
    await settle();
    expect(service.asked).toEqual(['reject 1 - -']);
  });

  it('sends a rejection without reason as soon as the next lead is decided', async () => {
    store.reject();
    store.confirm();
    await settle();
    expect(service.asked).toEqual(['reject 1 - -', 'confirm 2 - -']);
  });

  it('takes back a rejection that was not sent without asking the service', async () => {
    store.reject();
    store.undo();
    vi.advanceTimersByTime(REASON_WINDOW);
    await settle();
    expect(service.asked).toEqual([]);
    expect(ids()).toEqual([1, 2, 3]);
  });

  it('never lets an undo overtake its decision', async () => {
    store.confirm();
    store.undo();
    await settle();
    expect(ids()).toEqual([1, 2, 3]);
    expect(service.asked).toEqual(['confirm 1 - -']);
    service.calls[0]?.answer();
    await settle();
    expect(service.asked).toEqual(['confirm 1 - -', 'undo 1']);
  });

  it('keeps the number of the case that a confirmed lead became', async () => {
    store.confirm();
    await settle();
    service.calls[0]?.answer();
    await settle();
    expect(store.get().steps[0]).toMatchObject({ state: 'saved', caseId: 101 });
  });

  it('puts a lead back and says so when the service refuses', async () => {
    store.confirm();
    await settle();
    service.calls[0]?.answer(new Problem(503, 'busy'));
    await settle();
    expect(ids()).toEqual([2, 1, 3]);
    expect(notices).toMatchObject([{ kind: 'decisionFailed', lead: { id: 1 } }]);
    expect(store.get().returned[1]).toBe('busy');
  });

  it('asks nothing back from the service when the undone decision had failed', async () => {
    store.confirm();
    store.undo();
    await settle();
    service.calls[0]?.answer(new Problem(0, ''));
    await settle();
    expect(service.asked).toEqual(['confirm 1 - -']);
    expect(ids()).toEqual([1, 2, 3]);
  });

  it('drops a lead that someone else has decided', async () => {
    store.confirm();
    await settle();
    service.calls[0]?.answer(new Problem(409, 'decided'));
    await settle();
    expect(ids()).toEqual([2, 3]);
    expect(notices).toMatchObject([{ kind: 'decidedElsewhere' }]);
  });

  it('lets a decision stand when its case was claimed meanwhile', async () => {
    store.confirm();
    await settle();
    service.calls[0]?.answer();
    await settle();
    store.undo();
    await settle();
    service.calls[1]?.answer(new Problem(409, 'claimed'));
    await settle();
    expect(ids()).toEqual([2, 3]);
    expect(store.get().steps[0]).toMatchObject({ verdict: 'confirm', state: 'saved' });
    expect(notices).toMatchObject([{ kind: 'undoFailed' }]);
  });
});
