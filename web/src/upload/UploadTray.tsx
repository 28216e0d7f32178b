/** Uploads seen from the other pages: a small tray at the edge, gone when there is nothing to tell. */
import { useState } from 'react';
import { useLocation } from 'react-router';
import { useSpeech } from '../i18n';
import { CrossIcon } from '../ui/icons';
import classes from './upload.module.css';
import { UploadRow } from './UploadRow';
import { useUploads } from './UploadsProvider';

export function UploadTray() {
  const { t } = useSpeech();
  const { uploads, clear } = useUploads();
  const { pathname } = useLocation();
  const [folded, setFolded] = useState(false);
  if (uploads.length === 0 || pathname === '/upload') return null;
  const done = uploads.filter((one) => one.state === 'done' || one.state === 'failed').length;
  return (
    <section className={classes.tray} aria-label={t.upload.tray}>
      <header>
        <button
          type="button"
          className={classes.fold}
          aria-expanded={!folded}
          onClick={() => setFolded(!folded)}
        >
          <strong>{t.upload.tray}</strong>
          <span className="numbers" role="status">
            {t.upload.done(done, uploads.length)}
          </span>
        </button>
        {done === uploads.length ? (
          <button
            type="button"
            className={classes.shut}
            aria-label={t.upload.clear}
            title={t.upload.clear}
            onClick={clear}
          >
            <CrossIcon size={14} />
          </button>
        ) : null}
      </header>
      {folded ? null : (
        <ul>
          {[...uploads].reverse().map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}
