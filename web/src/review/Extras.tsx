/** The further pictures of a camera's lead, small: the view before it came, and how it came about. */
import type { Lead } from '../api/types';
import { useSpeech } from '../i18n';
import { extraUrl } from './prefetch';
import classes from './review.module.css';

export type Extra = 'before' | 'strip';

const KEYS: readonly [Extra, string][] = [
  ['before', 'P'],
  ['strip', 'T'],
];

interface Props {
  lead: Lead;
  shown: Extra | null;
  onShow: (extra: Extra) => void;
}

export function Extras({ lead, shown, onShow }: Props) {
  const { t } = useSpeech();
  const there = KEYS.flatMap(([extra, key]) => {
    const url = extraUrl(lead, extra);
    return url === null ? [] : [{ extra, key, url }];
  });
  if (there.length === 0) return null;
  return (
    <div className={classes.extras}>
      {there.map(({ extra, key, url }) => (
        <button
          key={extra}
          type="button"
          aria-pressed={shown === extra}
          onClick={() => onShow(extra)}
        >
          <img src={url} alt="" decoding="async" />
          <span>
            {t.review[extra]}
            <kbd className="key">{key}</kbd>
          </span>
        </button>
      ))}
    </div>
  );
}
