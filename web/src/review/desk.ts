/** The review desk's state and what each action does to it: pure, so that every path can be tested. */
import type { Lead, Verdict } from '../api/types';

export const REASONS = [
  'false_alarm',
  'permitted',
  'already_clean',
  'duplicate',
  'unclear',
  'outside',
] as const;

export type Reason = (typeof REASONS)[number];

/**
 * A step that can be undone. `waiting`: a rejection whose reason may still be given, not sent yet;
 * `sending`: on its way; `saved`: the service has it. A skip is never sent.
 */
export interface Step {
  lead: Lead;
  verdict: Verdict | 'skip';
  label: string;
  reason: Reason | null;
  state: 'waiting' | 'sending' | 'saved';
  /** The case a confirmed lead became, once the service has said so. */
  caseId: number | null;
}

export interface Desk {
  /** Leads still to review; the first one is on the table. */
  queue: readonly Lead[];
  /** Classes the reviewer chose instead of the model's, by lead. */
  labels: Readonly<Record<number, string>>;
  /** Steps taken, newest first; at most KEPT_STEPS. */
  steps: readonly Step[];
  /** Leads that came back because the service refused or could not be reached, with its words. */
  returned: Readonly<Record<number, string>>;
  /** When each lead was put back by hand, so that an older answer does not drop it again. */
  restoredAt: Readonly<Record<number, number>>;
  /** How many leads the service holds for review, less those decided here since. */
  remaining: number;
  decidedToday: number;
  loaded: boolean;
}

export const KEPT_STEPS = 50;

export const EMPTY_DESK: Desk = {
  queue: [],
  labels: {},
  steps: [],
  returned: {},
  restoredAt: {},
  remaining: 0,
  decidedToday: 0,
  loaded: false,
};

export type Action =
  /** `listedUpTo`: the list is complete for leads up to this number; Infinity when it holds all. */
  | { kind: 'loaded'; leads: readonly Lead[]; total: number; listedUpTo: number; asOf: number }
  | { kind: 'counted'; decidedToday: number }
  | { kind: 'class'; label: string }
  | { kind: 'decide'; verdict: Verdict }
  | { kind: 'reason'; leadId: number; reason: Reason }
  | { kind: 'skip' }
  | { kind: 'sending'; leadId: number }
  | { kind: 'saved'; leadId: number; caseId: number | null }
  | { kind: 'failed'; leadId: number; message: string }
  | { kind: 'gone'; leadId: number }
  | { kind: 'undo'; leadId: number; at: number }
  | { kind: 'undoFailed'; step: Step };

/** The class the lead on the table would be filed under. */
export function chosenLabel(desk: Desk, lead: Lead): string {
  return desk.labels[lead.id] ?? lead.label;
}

/** The rejection that still waits for a reason, if any. */
export function waitingStep(desk: Desk): Step | null {
  return desk.steps.find((step) => step.state === 'waiting') ?? null;
}

function without<Value>(values: Readonly<Record<number, Value>>, id: number) {
  const { [id]: _dropped, ...rest } = values;
  return rest;
}

function withStep(desk: Desk, leadId: number, change: Partial<Step>): Desk {
  const steps = desk.steps.map((step) =>
    step.lead.id === leadId && step.verdict !== 'skip' ? { ...step, ...change } : step,
  );
  return { ...desk, steps };
}

/** Put a decided lead back; `at` is its position in the queue. */
function putBack(desk: Desk, leadId: number, position: 0 | 1): Desk {
  const step = desk.steps.find((one) => one.lead.id === leadId && one.verdict !== 'skip');
  if (step === undefined) return desk;
  const queue = desk.queue.filter((lead) => lead.id !== leadId);
  queue.splice(Math.min(position, queue.length), 0, step.lead);
  return {
    ...desk,
    queue,
    steps: desk.steps.filter((one) => one !== step),
    remaining: desk.remaining + 1,
    decidedToday: Math.max(0, desk.decidedToday - 1),
  };
}

function merge(desk: Desk, action: Extract<Action, { kind: 'loaded' }>): Desk {
  const decided = new Set(
    desk.steps.filter((step) => step.verdict !== 'skip').map((step) => step.lead.id),
  );
  const listed = new Map(action.leads.map((lead) => [lead.id, lead]));
  const onTable = desk.queue[0]?.id;
  const kept = desk.queue.filter(
    (lead) =>
      lead.id > action.listedUpTo ||
      listed.has(lead.id) ||
      lead.id === onTable ||
      (desk.restoredAt[lead.id] ?? 0) >= action.asOf,
  );
  const present = new Set(kept.map((lead) => lead.id));
  const fresh = action.leads.filter((lead) => !present.has(lead.id) && !decided.has(lead.id));
  const unsent = desk.steps.filter(
    (step) => step.verdict !== 'skip' && step.state !== 'saved' && listed.has(step.lead.id),
  ).length;
  const queue = [...kept, ...fresh];
  return {
    ...desk,
    queue,
    remaining:
      action.listedUpTo === Infinity ? queue.length : Math.max(queue.length, action.total - unsent),
    loaded: true,
  };
}

/** What `action` makes of the desk. An action that does not apply leaves it as it was. */
export function reduce(desk: Desk, action: Action): Desk {
  const current = desk.queue[0];
  switch (action.kind) {
    case 'loaded':
      return merge(desk, action);
    case 'counted': {
      const unsent = desk.steps.filter(
        (step) => step.verdict !== 'skip' && step.state !== 'saved',
      ).length;
      return { ...desk, decidedToday: action.decidedToday + unsent };
    }
    case 'class':
      if (current === undefined) return desk;
      return {
        ...desk,
        labels:
          action.label === current.label
            ? without(desk.labels, current.id)
            : { ...desk.labels, [current.id]: action.label },
      };
    case 'decide': {
      if (current === undefined) return desk;
      const step: Step = {
        lead: current,
        verdict: action.verdict,
        label: chosenLabel(desk, current),
        reason: null,
        state: action.verdict === 'reject' ? 'waiting' : 'sending',
        caseId: null,
      };
      return {
        ...desk,
        queue: desk.queue.slice(1),
        steps: [step, ...desk.steps].slice(0, KEPT_STEPS),
        returned: without(desk.returned, current.id),
        remaining: Math.max(0, desk.remaining - 1),
        decidedToday: desk.decidedToday + 1,
      };
    }
    case 'reason':
      return withStep(desk, action.leadId, { reason: action.reason });
    case 'skip': {
      if (current === undefined || desk.queue.length < 2) return desk;
      const step: Step = {
        lead: current,
        verdict: 'skip',
        label: chosenLabel(desk, current),
        reason: null,
        state: 'saved',
        caseId: null,
      };
      return {
        ...desk,
        queue: [...desk.queue.slice(1), current],
        steps: [step, ...desk.steps].slice(0, KEPT_STEPS),
      };
    }
    case 'sending':
      return withStep(desk, action.leadId, { state: 'sending' });
    case 'saved':
      return withStep(desk, action.leadId, { state: 'saved', caseId: action.caseId });
    case 'failed': {
      const back = putBack(desk, action.leadId, 1);
      if (back === desk) return desk;
      return { ...back, returned: { ...back.returned, [action.leadId]: action.message } };
    }
    case 'gone':
      return {
        ...desk,
        queue: desk.queue.filter((lead) => lead.id !== action.leadId),
        steps: desk.steps.filter((step) => step.lead.id !== action.leadId),
      };
    case 'undo': {
      const step = desk.steps.find((one) => one.lead.id === action.leadId);
      if (step === undefined) return desk;
      if (step.verdict !== 'skip') {
        const back = putBack(desk, action.leadId, 0);
        return { ...back, restoredAt: { ...back.restoredAt, [action.leadId]: action.at } };
      }
      const steps = desk.steps.filter((one) => one !== step);
      const lead = desk.queue.find((one) => one.id === action.leadId);
      if (lead === undefined) return { ...desk, steps };
      return { ...desk, steps, queue: [lead, ...desk.queue.filter((one) => one !== lead)] };
    }
    case 'undoFailed': {
      const { step } = action;
      return {
        ...desk,
        queue: desk.queue.filter((lead) => lead.id !== step.lead.id),
        steps: [{ ...step, state: 'saved' as const }, ...desk.steps].slice(0, KEPT_STEPS),
        remaining: Math.max(0, desk.remaining - 1),
        decidedToday: desk.decidedToday + 1,
      };
    }
  }
}
