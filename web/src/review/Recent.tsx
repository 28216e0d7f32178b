/** The last steps, each of which can be taken back. */
import { Link } from 'react-router';
import { className } from '../classes';
import { useSpeech } from '../i18n';
import { CheckIcon, CrossIcon, SkipIcon, UndoIcon } from '../ui/icons';
import type { Step } from './desk';
import classes from './recent.module.css';

const SHOWN = 6;
const SIGNS = { confirm: CheckIcon, reject: CrossIcon, skip: SkipIcon } as const;

export function Recent({
  steps,
  onUndo,
}: {
  steps: readonly Step[];
  onUndo: (id: number) => void;
}) {
  const { t, language } = useSpeech();
  return (
    <section className={classes.recent} aria-label={t.review.recent}>
      <h3>{t.review.recent}</h3>
      {steps.length === 0 ? <p className="missing">{t.review.nothingYet}</p> : null}
      <ol>
        {steps.slice(0, SHOWN).map((step) => {
          const Sign = SIGNS[step.verdict];
          const told = [
            t.review.verdicts[step.verdict],
            className(step.label, language),
            ...(step.reason === null ? [] : [t.review.reasons[step.reason]]),
          ].join(' · ');
          return (
            <li key={`${step.lead.id}-${step.verdict}`} data-verdict={step.verdict}>
              <Sign size={14} />
              {step.caseId === null ? (
                <span>{told}</span>
              ) : (
                <Link to={`/cases/${step.caseId}`}>{told}</Link>
              )}
              {step.state === 'saved' ? null : <i>{t.review.states[step.state]}</i>}
              <button
                type="button"
                aria-label={t.review.undoOne(step.lead.id)}
                title={t.review.undo}
                onClick={() => onUndo(step.lead.id)}
              >
                <UndoIcon size={14} />
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
