/** How long ago, counted on by the second while it is fresh. */
import { useSpeech } from '../i18n';
import { useNow } from '../ui/now';
import { clock, roughly } from '../ui/time';

export function Since({ at, none }: { at: string | null; none?: string }) {
  const { t } = useSpeech();
  const now = useNow(1_000);
  if (at === null) return <span className="numbers">{none ?? '—'}</span>;
  return (
    <time className="numbers" dateTime={at} title={clock(at)}>
      {t.cameras.ago(roughly(now - Date.parse(at), t.time))}
    </time>
  );
}
