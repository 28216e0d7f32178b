/** All incidents of all cameras, the newest first; the open ones unless others are asked for. */
import { Button, NativeSelect } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { readIncidents } from '../api/cameraCalls';
import { Bar } from '../cameras/Bar';
import wall from '../cameras/cameras.module.css';
import { useCameras } from '../cameras/CamerasPage';
import { useLiveFeed } from '../cameras/LiveProvider';
import { useSpeech } from '../i18n';
import { Empty } from '../ui/Empty';
import { CheckIcon, WarnIcon } from '../ui/icons';
import { explain } from '../ui/words';
import { IncidentList } from './IncidentList';
import classes from './incidents.module.css';

const FILTERS = ['open', 'ended', 'all'] as const;

export function IncidentsPage() {
  const { t, locale } = useSpeech();
  useLiveFeed();
  const cameras = useCameras();
  const [parameters, setParameters] = useSearchParams();
  const filter = FILTERS.find((one) => one === parameters.get('show')) ?? 'open';
  const camera = Number(parameters.get('camera') ?? 0);
  const found = useInfiniteQuery({
    queryKey: ['incidents', filter, camera],
    queryFn: ({ pageParam }) =>
      readIncidents(
        {
          stage: filter === 'all' ? null : filter,
          ...(camera > 0 ? { camera_id: camera } : {}),
        },
        pageParam,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: 30_000,
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const total = found.data?.pages[0]?.total ?? 0;
  const choose = (change: { show?: string; camera?: string }) => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(change)) {
      if (value === '' || value === 'open') next.delete(name);
      else next.set(name, value);
    }
    setParameters(next);
  };
  const names = [...(cameras.data ?? [])].sort((a, b) => a.name.localeCompare(b.name, locale));
  return (
    <div className={wall.page}>
      <Bar title={t.incidents.title} />
      <div className={wall.tools}>
        <div className={wall.filters} role="group" aria-label={t.cameras.filter}>
          {FILTERS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === filter}
              onClick={() => choose({ show: one })}
            >
              {t.incidents.filters[one]}
            </button>
          ))}
        </div>
        <span className={`${classes.total} numbers`} role="status">
          {found.data === undefined ? '' : t.incidents.count(total)}
        </span>
        <NativeSelect
          className={wall.search ?? ''}
          aria-label={t.incidents.camera}
          value={String(camera)}
          onChange={(event) =>
            choose({ camera: event.currentTarget.value === '0' ? '' : event.currentTarget.value })
          }
          data={[
            { value: '0', label: t.incidents.allCameras },
            ...names.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
      </div>
      {found.isError && found.data === undefined ? (
        <Empty
          icon={<WarnIcon size={36} />}
          title={t.incidents.title}
          text={explain(found.error, t)}
        >
          <Button onClick={() => void found.refetch()}>{t.common.retry}</Button>
        </Empty>
      ) : found.data !== undefined && items.length === 0 ? (
        <Empty
          icon={<CheckIcon size={40} />}
          title={filter === 'open' ? t.incidents.noneOpen : t.incidents.none}
          text={t.incidents.noneText}
        />
      ) : (
        <div className={classes.sheet}>
          <IncidentList items={items} asking={found.isPending} named />
        </div>
      )}
      {found.hasNextPage ? (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t.common.loadMore}
        </Button>
      ) : null}
    </div>
  );
}
