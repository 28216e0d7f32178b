/** A week of hours, one line a day; the plans of cameras and the hours of permits are edited here. */
import type { Span, Weekly } from '../api/cameras';
import { useSpeech } from '../i18n';
import classes from './hours.module.css';
import { bars, DAYS, fromDays, toDays } from './hours';
import { SpansField } from './SpansField';

interface Props {
  weekly: readonly Weekly[];
  /** What a week without any hours means: always, or never. */
  empty: 'always' | 'never';
  onChange: (weekly: Weekly[]) => void;
}

const ALL_DAY: Span = { start: '00:00:00', end: '00:00:00' };

function Line(props: { days: readonly (readonly Span[])[]; day: number; always: boolean }) {
  const { days, day, always } = props;
  return (
    <svg className={classes.line} viewBox="0 0 24 1" preserveAspectRatio="none" aria-hidden="true">
      {always ? <rect width={24} height={1} data-tail={true} /> : null}
      {bars(days, day).map((bar, index) => (
        <rect
          key={index}
          x={bar.from * 24}
          y={0}
          width={(bar.to - bar.from) * 24}
          height={1}
          data-tail={bar.tail}
        />
      ))}
      {[6, 12, 18].map((hour) => (
        <path key={hour} d={`M${hour} 0v1`} />
      ))}
    </svg>
  );
}

export function WeeklyEditor({ weekly, empty, onChange }: Props) {
  const { t } = useSpeech();
  const days = toDays(weekly);
  const always = weekly.length === 0 && empty === 'always';
  const first = days.find((spans) => spans.length > 0) ?? [];
  const fill = (spans: readonly Span[], wanted: (day: number) => boolean) =>
    onChange(fromDays(days.map((old, day) => (wanted(day) ? spans : old))));
  const presets: readonly [string, () => void][] = [
    [t.hours.allWeek, () => fill([ALL_DAY], () => true)],
    [t.hours.daytime, () => fill([{ start: '06:00:00', end: '22:00:00' }], () => true)],
    [t.hours.nights, () => fill([{ start: '20:00:00', end: '02:00:00' }], () => true)],
    [t.hours.clear, () => onChange([])],
  ];
  return (
    <div className={classes.week} role="group" aria-label={t.hours.title}>
      {days.map((spans, day) => (
        <div key={day} className={classes.day}>
          <span className={classes.dayName}>{t.hours.texts.days[day]}</span>
          <Line days={days} day={day} always={always} />
          <SpansField
            spans={spans}
            name={t.hours.texts.days[day] ?? ''}
            none={always ? t.hours.always : t.hours.texts.closed}
            onChange={(next) =>
              onChange(fromDays(DAYS.map((one) => (one === day ? next : (days[one] ?? [])))))
            }
          />
        </div>
      ))}
      <div className={classes.presets}>
        {presets.map(([name, apply]) => (
          <button key={name} type="button" onClick={apply}>
            {name}
          </button>
        ))}
        {first.length === 0 ? null : (
          <>
            <button type="button" onClick={() => fill(days[0] ?? [], () => true)}>
              {t.hours.asMonday}
            </button>
            <button type="button" onClick={() => fill(days[0] ?? [], (day) => day < 5)}>
              {t.hours.workdaysAsMonday}
            </button>
          </>
        )}
      </div>
    </div>
  );
}
