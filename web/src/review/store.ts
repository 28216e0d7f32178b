/** The desk with its wires: shows the next lead at once, sends decisions in order, puts back what failed. */
import { Problem } from '../api/http';
import type { Lead, Page, Verdict } from '../api/types';
import {
  type Action,
  type Desk,
  EMPTY_DESK,
  type Reason,
  reduce,
  type Step,
  waitingStep,
} from './desk';

/** The service as the desk sees it. */
export interface DeskService {
  leads(cursor: string | null): Promise<Page<Lead>>;
  decidedToday(): Promise<number>;
  decide(
    leadId: number,
    verdict: Verdict,
    label: string | null,
    reason: string | null,
  ): Promise<Lead>;
  undo(leadId: number): Promise<unknown>;
}

export type Notice =
  | { kind: 'decisionFailed'; lead: Lead; problem: Problem }
  | { kind: 'decidedElsewhere'; lead: Lead }
  | { kind: 'undoFailed'; lead: Lead; problem: Problem }
  | { kind: 'loadFailed'; problem: Problem };

/** How long a rejection waits for its reason, in ms. */
export const REASON_WINDOW = 3500;
const LOW_WATER = 12;

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, error instanceof Error ? error.message : String(error));
}

/** A first page lists every lead up to its last one, since leads come in the order of their numbers. */
function reach(page: Page<Lead>): number {
  return page.next_cursor === null ? Infinity : (page.items.at(-1)?.id ?? 0);
}

export class DeskStore {
  private desk: Desk = EMPTY_DESK;
  private readonly listeners = new Set<() => void>();
  /** Per lead, the last request under way: a lead's requests never overtake each other. */
  private readonly lanes = new Map<number, Promise<void>>();
  /** Leads whose decision the service holds; only those have something to take back there. */
  private readonly held = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private nextCursor: string | null = null;
  private loading = false;

  constructor(
    private readonly service: DeskService,
    private readonly notify: (notice: Notice) => void,
    private readonly settled: () => void = () => undefined,
  ) {}

  readonly get = (): Desk => this.desk;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private apply(action: Action): void {
    const next = reduce(this.desk, action);
    if (next === this.desk) return;
    this.desk = next;
    for (const listener of this.listeners) listener();
  }

  /** Ask for the first page again; new leads join at the end, leads decided elsewhere leave. */
  async refresh(): Promise<void> {
    await this.load(null);
  }

  private async load(cursor: string | null): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    const asOf = Date.now();
    try {
      const [page, decidedToday] = await Promise.all([
        this.service.leads(cursor),
        this.service.decidedToday(),
      ]);
      if (cursor !== null || this.nextCursor === null || page.next_cursor === null) {
        this.nextCursor = page.next_cursor;
      }
      const listedUpTo = cursor === null ? reach(page) : 0;
      this.apply({ kind: 'counted', decidedToday });
      this.apply({ kind: 'loaded', leads: page.items, total: page.total, listedUpTo, asOf });
    } catch (error) {
      this.notify({ kind: 'loadFailed', problem: asProblem(error) });
    } finally {
      this.loading = false;
    }
  }

  private fill(): void {
    if (this.desk.queue.length < LOW_WATER && this.nextCursor !== null) {
      void this.load(this.nextCursor);
    }
  }

  chooseClass(label: string): void {
    this.flush();
    this.apply({ kind: 'class', label });
  }

  confirm(): void {
    this.flush();
    const lead = this.desk.queue[0];
    if (lead === undefined) return;
    this.apply({ kind: 'decide', verdict: 'confirm' });
    this.send(lead.id);
    this.fill();
  }

  reject(): void {
    this.flush();
    if (this.desk.queue[0] === undefined) return;
    this.apply({ kind: 'decide', verdict: 'reject' });
    this.timer = setTimeout(() => this.flush(), REASON_WINDOW);
    this.fill();
  }

  giveReason(reason: Reason): void {
    const step = waitingStep(this.desk);
    if (step === null) return;
    this.apply({ kind: 'reason', leadId: step.lead.id, reason });
    this.flush();
  }

  skip(): void {
    this.flush();
    this.apply({ kind: 'skip' });
  }

  /** Send the rejection that waits for a reason, if any. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const step = waitingStep(this.desk);
    if (step === null) return;
    this.apply({ kind: 'sending', leadId: step.lead.id });
    this.send(step.lead.id);
  }

  /** Send what waits and resolve once the service has answered everything. */
  async drain(): Promise<void> {
    this.flush();
    await Promise.all(this.lanes.values());
  }

  /** Take back the newest step, or the given lead's. */
  undo(leadId?: number): void {
    const step =
      leadId === undefined
        ? this.desk.steps[0]
        : this.desk.steps.find((one) => one.lead.id === leadId);
    if (step === undefined) return;
    if (waitingStep(this.desk) !== step) this.flush();
    const known = this.desk.steps.find((one) => one.lead.id === step.lead.id) ?? step;
    this.apply({ kind: 'undo', leadId: step.lead.id, at: Date.now() });
    if (known.verdict === 'skip') return;
    if (known.state === 'waiting') {
      if (this.timer !== null) clearTimeout(this.timer);
      this.timer = null;
      return;
    }
    this.enqueue(step.lead.id, () => this.takeBack(known));
  }

  private enqueue(leadId: number, task: () => Promise<void>): void {
    const lane = (this.lanes.get(leadId) ?? Promise.resolve()).then(task);
    this.lanes.set(leadId, lane);
    void lane.finally(() => {
      if (this.lanes.get(leadId) === lane) this.lanes.delete(leadId);
      this.settled();
    });
  }

  private send(leadId: number): void {
    const step = this.desk.steps.find((one) => one.lead.id === leadId && one.verdict !== 'skip');
    if (step === undefined || step.verdict === 'skip') return;
    const { verdict, label, reason, lead } = step;
    this.enqueue(leadId, async () => {
      try {
        const decided = await this.service.decide(
          leadId,
          verdict,
          label === lead.label ? null : label,
          reason,
        );
        this.held.add(leadId);
        this.apply({ kind: 'saved', leadId, caseId: decided.case_id });
      } catch (error) {
        const problem = asProblem(error);
        if (problem.status === 409 || problem.status === 404) {
          this.apply({ kind: 'gone', leadId });
          this.notify({ kind: 'decidedElsewhere', lead });
          return;
        }
        this.apply({ kind: 'failed', leadId, message: problem.message });
        this.notify({ kind: 'decisionFailed', lead, problem });
      }
    });
  }

  private async takeBack(step: Step): Promise<void> {
    const leadId = step.lead.id;
    if (!this.held.has(leadId)) return;
    try {
      await this.service.undo(leadId);
      this.held.delete(leadId);
    } catch (error) {
      this.apply({ kind: 'undoFailed', step });
      this.notify({ kind: 'undoFailed', lead: step.lead, problem: asProblem(error) });
    }
  }
}
