/** One upload queue for the whole page, and photos dropped anywhere on it. */
import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useRight } from '../account/session';
import { useSpeech } from '../i18n';
import { useDesk } from '../review/DeskProvider';
import { UploadIcon } from '../ui/icons';
import { type Details, NO_DETAILS, sendPhoto, type Upload, UploadQueue } from './queue';
import classes from './upload.module.css';

interface Uploads {
  uploads: readonly Upload[];
  add: (files: readonly File[]) => void;
  again: (id: number) => void;
  clear: () => void;
  details: Details;
  setDetails: (details: Details) => void;
}

const UploadsContext = createContext<Uploads | null>(null);

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') === true;
}

/** Whether files are being dragged over the page; hands over what is dropped. */
function useDrop(active: boolean, take: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    if (!active) return undefined;
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth -= 1;
      if (depth <= 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', hover);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', hover);
      window.removeEventListener('drop', drop);
    };
  }, [active]);
  return over;
}

export function UploadsProvider({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const { store } = useDesk();
  const allowed = useRight('upload');
  const [details, setDetails] = useState<Details>(NO_DETAILS);
  const [queue] = useState(
    () =>
      new UploadQueue(sendPhoto, () => {
        void client.invalidateQueries({ queryKey: ['summary'] });
        void store.refresh();
      }),
  );
  const uploads = useSyncExternalStore(queue.subscribe, queue.get);
  const over = useDrop(allowed, (files) => queue.add(files, details));
  const value = useMemo<Uploads>(
    () => ({
      uploads,
      add: (files) => queue.add(files, details),
      again: (id) => queue.again(id),
      clear: () => queue.clear(),
      details,
      setDetails,
    }),
    [uploads, queue, details],
  );
  const busy = uploads.some((one) => ['waiting', 'sending', 'looking'].includes(one.state));
  useEffect(() => {
    if (!busy) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [busy]);
  return (
    <UploadsContext.Provider value={value}>
      {children}
      {over ? (
        <div className={classes.over}>
          <div>
            <UploadIcon size={40} />
            <strong>{t.upload.drop}</strong>
          </div>
        </div>
      ) : null}
    </UploadsContext.Provider>
  );
}

export function useUploads(): Uploads {
  const value = useContext(UploadsContext);
  if (value === null) throw new Error('useUploads needs UploadsProvider above it');
  return value;
}
