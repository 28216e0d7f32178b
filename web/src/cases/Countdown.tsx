/** The time left to a case's deadline, counting; words and colour say the same. */
import type { Case } from '../api/types';
import { useSpeech } from '../i18n';
import { useNow } from '../ui/now';
import { deadline, span } from '../ui/time';
import classes from './cases.module.css';

type Clocked = Pick<Case, 'dispatched_at' | 'due_at' | 'state'>;

export function Countdown({ item }: { item: Clocked }) {
  const { t } = useSpeech();
  const now = useNow(1000);
  const { tone, left } = deadline(item.dispatched_at, item.due_at, item.state, now);
  if (tone === 'ended') return <span className={classes.ended}>—</span>;
  const text =
    left < 0 ? t.cases.overdueBy(span(-left, t.time)) : t.cases.timeLeft(span(left, t.time));
  return (
    <span className={`${classes.countdown} numbers`} data-tone={tone}>
      {text}
    </span>
  );
}
