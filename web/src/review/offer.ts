/** After which rejections it is offered not to report the spot again. */
import type { Desk, Reason, Step } from './desk';

export const MUTE_DAYS = 30;

/** What was there and is gone, or is filed already, may come again: such a spot stays watched. */
const PASSING: ReadonlySet<Reason> = new Set<Reason>(['already_clean', 'duplicate']);

function isRejection(step: Step): boolean {
  return step.verdict === 'reject' && step.lead.camera !== null;
}

/** The newest rejection of a camera's lead, if the service holds it and it was not offered before. */
export function newOffer(desk: Desk, known: ReadonlySet<number>): Step | null {
  const step = desk.steps.find(isRejection);
  if (step === undefined || step.state !== 'saved' || known.has(step.lead.id)) return null;
  return step.reason !== null && PASSING.has(step.reason) ? null : step;
}

/** Rejections that stand already when the page opens: nothing is offered for them any more. */
export function pastOffers(desk: Desk): Set<number> {
  return new Set(desk.steps.filter(isRejection).map((step) => step.lead.id));
}

/** Whether the rejection still stands, or was taken back. */
export function stands(desk: Desk, leadId: number): boolean {
  return desk.steps.some((step) => step.lead.id === leadId && isRejection(step));
}
