/** The same actions as the keys, for mouse and thumb; and the reasons for the rejection just made. */
import { useSpeech } from '../i18n';
import { CheckIcon, CrossIcon, SkipIcon, UndoIcon } from '../ui/icons';
import { REASONS } from './desk';
import type { Command } from './keys';
import classes from './actions.module.css';

interface Props {
  mayDecide: boolean;
  canUndo: boolean;
  canSkip: boolean;
  run: (command: Command) => void;
}

export function Actions({ mayDecide, canUndo, canSkip, run }: Props) {
  const { t } = useSpeech();
  return (
    <div className={classes.actions}>
      {mayDecide ? null : <p className="missing">{t.review.mayNotDecide}</p>}
      <button
        type="button"
        className={classes.confirm}
        disabled={!mayDecide}
        onClick={() => run({ kind: 'confirm' })}
      >
        <CheckIcon />
        {t.review.confirm}
        <kbd className="key">A</kbd>
      </button>
      <button
        type="button"
        className={classes.reject}
        disabled={!mayDecide}
        onClick={() => run({ kind: 'reject' })}
      >
        <CrossIcon />
        {t.review.reject}
        <kbd className="key">X</kbd>
      </button>
      <button
        type="button"
        className={classes.minor}
        disabled={!canSkip}
        onClick={() => run({ kind: 'skip' })}
      >
        <SkipIcon />
        {t.review.skip}
        <kbd className="key">{t.keys.space}</kbd>
      </button>
      <button
        type="button"
        className={classes.minor}
        disabled={!canUndo}
        onClick={() => run({ kind: 'undo' })}
      >
        <UndoIcon />
        {t.review.undo}
        <kbd className="key">⌫</kbd>
      </button>
    </div>
  );
}

/** `beside`: in the column beside the picture instead of over the strip under it. */
export function Reasons({ run, beside }: { run: (command: Command) => void; beside: boolean }) {
  const { t } = useSpeech();
  return (
    <div
      className={classes.reasons}
      data-beside={beside}
      role="group"
      aria-label={t.review.reasonFor}
    >
      <p>
        {t.review.reasonFor} <span>{t.review.reasonOptional}</span>
      </p>
      {REASONS.map((reason, index) => (
        <button key={reason} type="button" onClick={() => run({ kind: 'reason', index })}>
          <kbd className="key">{index + 1}</kbd>
          {t.review.reasons[reason]}
        </button>
      ))}
    </div>
  );
}
