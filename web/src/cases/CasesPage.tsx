/** The dispatch queue: all cases by deadline, the most urgent first. */
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { readCases } from '../api/calls';
import { evidenceUrl } from '../api/http';
import type { Case } from '../api/types';
import { useSpeech } from '../i18n';
import { ClassMark } from '../ui/ClassMark';
import { Empty } from '../ui/Empty';
import { ListIcon, WarnIcon } from '../ui/icons';
import { useNow } from '../ui/now';
import { clock, coordinates, deadline, shortClock } from '../ui/time';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import classes from './cases.module.css';
import { Countdown } from './Countdown';
import { StateBadge, useStateName } from './StateBadge';

const FILTERS = ['open', 'PENDING_DISPATCH', 'HANDLING', 'CLOSED', 'VOID', 'all'] as const;
type Filter = (typeof FILTERS)[number];

function filterOf(text: string | null): Filter {
  return FILTERS.find((one) => one === text) ?? 'open';
}

function Cover({ item }: { item: Case }) {
  if (item.cover_evidence_id === null) return <span className={classes.cover} />;
  return (
    <img
      className={classes.cover}
      src={evidenceUrl(item.cover_evidence_id, 'closeup')}
      alt=""
      loading="lazy"
      decoding="async"
    />
  );
}

function placeOf(item: Case): string {
  const { text, lat, lon } = item.place;
  if (text !== null && text !== '') return text;
  return lat === null || lon === null ? '—' : coordinates(lat, lon);
}

function Row({ item }: { item: Case }) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const now = useNow(60_000);
  const { tone } = deadline(item.dispatched_at, item.due_at, item.state, now);
  const unit = item.unit === null ? t.cases.noUnit : nameOfUnit(item.unit, language);
  return (
    <tr
      data-tone={tone}
      onClick={(event) => {
        if (event.target instanceof HTMLElement && event.target.closest('a') === null) {
          void navigate(`/cases/${item.id}`);
        }
      }}
    >
      <td className={classes.picture}>
        <Cover item={item} />
      </td>
      <td className={classes.number}>
        <Link to={`/cases/${item.id}`} className="numbers">
          {item.number}
        </Link>
      </td>
      <td className={classes.class}>
        <ClassMark label={item.label} />
      </td>
      <td className={classes.where}>{placeOf(item)}</td>
      <td className={classes.unit}>{unit}</td>
      <td className={`${classes.when} numbers`}>
        <time dateTime={item.dispatched_at} title={clock(item.dispatched_at)}>
          {shortClock(item.dispatched_at, now)}
        </time>
      </td>
      <td className={`${classes.when} numbers`}>
        <time dateTime={item.due_at} title={clock(item.due_at)}>
          {shortClock(item.due_at, now)}
        </time>
      </td>
      <td className={classes.left}>
        <Countdown item={item} />
      </td>
      <td className={classes.stateCell}>
        <StateBadge state={item.state} />
      </td>
    </tr>
  );
}

export function nameOfUnit(
  unit: { name_zh: string; name_en: string },
  language: 'zh' | 'en',
): string {
  return language === 'zh' ? unit.name_zh : unit.name_en;
}

export function CasesPage() {
  const { t } = useSpeech();
  const stateName = useStateName();
  const [parameters, setParameters] = useSearchParams();
  const filter = filterOf(parameters.get('state'));
  const cases = useInfiniteQuery({
    queryKey: ['cases', filter],
    queryFn: ({ pageParam }) => readCases(filter === 'all' ? null : filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: 20_000,
  });
  const items = cases.data?.pages.flatMap((page) => page.items) ?? [];
  const total = cases.data?.pages[0]?.total ?? 0;
  const names: Readonly<Record<string, string>> = { open: t.cases.open, all: t.cases.all };
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <h1>{t.cases.title}</h1>
        <span className="numbers" role="status">
          {cases.data === undefined ? '' : t.cases.count(total)}
        </span>
        <div className={classes.filters} role="group" aria-label={t.cases.filter}>
          {FILTERS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === filter}
              onClick={() => setParameters(one === 'open' ? {} : { state: one })}
            >
              {names[one] ?? stateName(one)}
            </button>
          ))}
        </div>
      </div>
      {cases.isPending ? <Waiting /> : null}
      {cases.isError && cases.data === undefined ? (
        <Empty icon={<WarnIcon size={36} />} title={t.cases.title} text={explain(cases.error, t)}>
          <Button onClick={() => void cases.refetch()}>{t.common.retry}</Button>
        </Empty>
      ) : null}
      {cases.data !== undefined && items.length === 0 ? (
        <Empty icon={<ListIcon size={36} />} title={t.cases.empty} text={t.cases.emptyText} />
      ) : null}
      {items.length === 0 ? null : (
        <div className={classes.sheet}>
          <table>
            <thead>
              <tr>
                <th>
                  <span className="hidden">{t.review.closeup}</span>
                </th>
                <th>{t.cases.number}</th>
                <th>{t.cases.class}</th>
                <th>{t.cases.place}</th>
                <th>{t.cases.unit}</th>
                <th>{t.cases.dispatched}</th>
                <th>{t.cases.due}</th>
                <th>{t.cases.left}</th>
                <th>{t.cases.state}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row key={item.id} item={item} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {cases.hasNextPage ? (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={cases.isFetchingNextPage}
          onClick={() => void cases.fetchNextPage()}
        >
          {t.common.loadMore}
        </Button>
      ) : null}
    </div>
  );
}
