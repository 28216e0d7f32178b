/** The wall: every camera with its last look, the ones searched for, and what happens now. */
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useRight } from '../account/session';
import { readCameras } from '../api/cameraCalls';
import type { Camera } from '../api/cameras';
import { useSpeech } from '../i18n';
import { Empty } from '../ui/Empty';
import { CamIcon, PlusIcon, SearchIcon, WarnIcon } from '../ui/icons';
import { useRoom } from '../ui/room';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import { Bar } from './Bar';
import { CameraDialog } from './CameraDialog';
import classes from './cameras.module.css';
import { FirstCamera } from './FirstCamera';
import { LiveFeed } from './LiveFeed';
import { useLiveFeed } from './LiveProvider';
import { Tile } from './Tile';
import { chosen, columnsIn, count, FILTERS, filterOf } from './wall';

const GAP = 12;
const LEAST_WIDTH = 206;
const LEAST_WIDTH_PHONE = 168;
/** A name of two lines and the state under the picture, as the style sheet lays them out. */
const TEXT_HEIGHT = 70;
/** Looks that found the view unchanged tell no event; this catches up with them. */
const CATCH_UP_MS = 15_000;

export function useCameras() {
  return useQuery({
    queryKey: ['cameras'],
    queryFn: readCameras,
    refetchInterval: CATCH_UP_MS,
  });
}

/** Rows of tiles; only those near the window are in the page, all have their height from the start. */
function Grid({ cameras }: { cameras: readonly Camera[] }) {
  const [ref, room] = useRoom();
  const top = useRef(0);
  const phone = room.width < 520;
  const columns = columnsIn(room.width, phone ? LEAST_WIDTH_PHONE : LEAST_WIDTH, GAP);
  const width = (room.width - GAP * (columns - 1)) / columns;
  const height = Math.round((width * 9) / 16) + TEXT_HEIGHT;
  const rows = room.width === 0 ? 0 : Math.ceil(cameras.length / columns);
  useLayoutEffect(() => {
    top.current = (ref.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
  });
  const list = useWindowVirtualizer({
    count: rows,
    estimateSize: () => height + GAP,
    overscan: 2,
    scrollMargin: top.current,
  });
  useLayoutEffect(() => {
    list.measure();
  }, [list, height]);
  return (
    <div ref={ref} className={classes.grid} style={{ height: rows * (height + GAP) }}>
      {list.getVirtualItems().map((row) => (
        <div
          key={row.index}
          className={classes.row}
          style={{
            height,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            transform: `translateY(${row.index * (height + GAP)}px)`,
          }}
        >
          {cameras.slice(row.index * columns, (row.index + 1) * columns).map((camera) => (
            <Tile key={camera.id} camera={camera} />
          ))}
        </div>
      ))}
    </div>
  );
}

export function CamerasPage() {
  const { t, locale } = useSpeech();
  const mayChange = useRight('cameras');
  const navigate = useNavigate();
  const cameras = useCameras();
  useLiveFeed();
  const [parameters, setParameters] = useSearchParams();
  const [search, setSearch] = useState('');
  const [adding, setAdding] = useState(false);
  const sought = useDeferredValue(search);
  const filter = filterOf(parameters.get('show'));
  const all = cameras.data;
  const shown = useMemo(
    () => (all === undefined ? [] : chosen(all, filter, sought, locale)),
    [all, filter, sought, locale],
  );
  const dialog = (
    <CameraDialog
      opened={adding}
      onClose={() => setAdding(false)}
      onSaved={(camera) => void navigate(`/cameras/${camera.id}`)}
    />
  );
  if (cameras.isPending) {
    return (
      <div className={classes.page}>
        <Bar title={t.cameras.title} />
        <Waiting />
      </div>
    );
  }
  if (all === undefined) {
    return (
      <div className={classes.page}>
        <Bar title={t.cameras.title} />
        <Empty
          icon={<WarnIcon size={36} />}
          title={t.cameras.title}
          text={explain(cameras.error, t)}
        >
          <Button onClick={() => void cameras.refetch()}>{t.common.retry}</Button>
        </Empty>
      </div>
    );
  }
  if (all.length === 0) {
    return (
      <div className={classes.page}>
        <Bar title={t.cameras.title} />
        <FirstCamera onAdd={mayChange ? () => setAdding(true) : null} />
        {dialog}
      </div>
    );
  }
  return (
    <div className={classes.page}>
      <Bar title={t.cameras.title}>
        {mayChange ? (
          <Button
            className={classes.add ?? ''}
            leftSection={<PlusIcon size={16} />}
            onClick={() => setAdding(true)}
          >
            {t.cameras.add}
          </Button>
        ) : null}
      </Bar>
      <div className={classes.wall}>
        <section aria-label={t.cameras.wall}>
          <div className={classes.tools}>
            <div className={classes.filters} role="group" aria-label={t.cameras.filter}>
              {FILTERS.map((one) => (
                <button
                  key={one}
                  type="button"
                  aria-pressed={one === filter}
                  data-filter={one}
                  onClick={() => setParameters(one === 'all' ? {} : { show: one })}
                >
                  {t.cameras.filters[one]} <span className="numbers">{count(all, one)}</span>
                </button>
              ))}
            </div>
            <TextInput
              className={classes.search ?? ''}
              type="search"
              aria-label={t.cameras.search}
              placeholder={t.cameras.search}
              leftSection={<SearchIcon size={16} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          </div>
          {shown.length === 0 ? (
            <Empty
              icon={<CamIcon size={36} />}
              title={t.cameras.noneFound}
              text={t.cameras.noneFoundText}
            >
              <Button
                variant="default"
                onClick={() => {
                  setSearch('');
                  setParameters({});
                }}
              >
                {t.cameras.showAll}
              </Button>
            </Empty>
          ) : (
            <Grid cameras={shown} />
          )}
        </section>
        <aside className={classes.aside}>
          <LiveFeed cameras={all} />
        </aside>
      </div>
      {dialog}
    </div>
  );
}
