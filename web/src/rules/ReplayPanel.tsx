/** What the last days would have brought under the draft, before it is saved. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { replayRules } from '../api/cameraCalls';
import type { Replay, Rules } from '../api/cameras';
import { useSpeech } from '../i18n';
import { ClassMark } from '../ui/ClassMark';
import { PlayIcon } from '../ui/icons';
import { useNow } from '../ui/now';
import { clock, shortClock, span } from '../ui/time';
import { explain } from '../ui/words';
import { type Fate, type Line, linesOf } from './replay';
import classes from './replay.module.css';

const SPANS = [1, 7, 30] as const;
const FATES: readonly (Fate | 'all')[] = ['all', 'removed', 'added', 'same'];
const SHOWN = 200;

interface Asked {
  rules: Rules;
  days: number;
}

interface Props {
  cameraId: number;
  rules: Rules;
  /** Something is wrong with the draft: it cannot be replayed. */
  broken: boolean;
  /** The line pointed at, or null: its box is drawn on the view. */
  onPoint: (line: Line | null) => void;
}

function Rows({ lines, onPoint }: { lines: readonly Line[]; onPoint: Props['onPoint'] }) {
  const { t } = useSpeech();
  const now = useNow(60_000);
  return (
    <ul className={classes.replayed} onPointerLeave={() => onPoint(null)}>
      {lines.map((line) => {
        const { incident } = line;
        const lasted =
          incident.ended_at === null
            ? t.incidents.stages.open
            : span(Date.parse(incident.ended_at) - Date.parse(incident.first_seen), t.time);
        return (
          <li key={line.key}>
            <button
              type="button"
              data-fate={line.fate}
              onPointerEnter={() => onPoint(line)}
              onFocus={() => onPoint(line)}
              onBlur={() => onPoint(null)}
            >
              <b>{t.replay.fates[line.fate]}</b>
              <ClassMark label={incident.label} />
              <time className="numbers" title={clock(incident.opened_at)}>
                {shortClock(incident.opened_at, now)}
              </time>
              <span className="numbers">{lasted}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function ReplayPanel({ cameraId, rules, broken, onPoint }: Props) {
  const { t } = useSpeech();
  const [days, setDays] = useState<number>(7);
  const [fate, setFate] = useState<Fate | 'all'>('all');
  const asked = useRef<AbortController | null>(null);
  const replay = useMutation<Replay, unknown, Asked>({
    mutationFn: (what) => {
      asked.current?.abort();
      asked.current = new AbortController();
      return replayRules(cameraId, what.rules, what.days, asked.current.signal);
    },
  });
  useEffect(() => {
    return () => {
      asked.current?.abort();
      onPoint(null);
    };
  }, [onPoint]);
  const result = replay.data;
  const lines = useMemo(() => (result === undefined ? [] : linesOf(result)), [result]);
  const stale =
    result !== undefined && (replay.variables?.rules !== rules || replay.variables?.days !== days);
  const listed = lines.filter((line) => fate === 'all' || line.fate === fate);
  const many = (one: Fate | 'all') =>
    one === 'all' ? lines.length : lines.filter((line) => line.fate === one).length;
  return (
    <div className={classes.replay}>
      <p className={classes.hint}>{t.replay.hint}</p>
      <div className={classes.ask}>
        <div className={classes.spans} role="group" aria-label={t.replay.span}>
          {SPANS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === days}
              onClick={() => setDays(one)}
            >
              {t.replay.days(one)}
            </button>
          ))}
        </div>
        <Button
          leftSection={<PlayIcon size={15} />}
          loading={replay.isPending}
          disabled={broken}
          onClick={() => replay.mutate({ rules, days })}
        >
          {t.replay.run}
        </Button>
      </div>
      {broken ? <p className={classes.fault}>{t.replay.broken}</p> : null}
      {replay.error === null ? null : (
        <p className={classes.fault} role="alert">
          {explain(replay.error, t)}
        </p>
      )}
      {result === undefined ? null : (
        <div className={classes.told} data-stale={stale} aria-live="polite">
          <p className={classes.sum} data-testid="replayed">
            {t.replay.sum(replay.variables?.days ?? days, result.incidents, result.instead_of)}
          </p>
          <p className={`${classes.hint} numbers`}>
            {stale ? t.replay.stale : t.replay.looks(result.looks)}
          </p>
          {lines.length === 0 ? null : (
            <div className={classes.spans} role="group" aria-label={t.replay.show}>
              {FATES.map((one) => (
                <button
                  key={one}
                  type="button"
                  aria-pressed={one === fate}
                  onClick={() => setFate(one)}
                >
                  {t.replay.filters[one]} <span className="numbers">{many(one)}</span>
                </button>
              ))}
            </div>
          )}
          <Rows lines={listed.slice(0, SHOWN)} onPoint={onPoint} />
          {listed.length > SHOWN ? (
            <p className={classes.hint}>{t.replay.more(listed.length - SHOWN)}</p>
          ) : null}
        </div>
      )}
    </div>
  );
}
