/** One look at an address before it is kept: what answers, the picture, and what is seen in it. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { testLook } from '../api/cameraCalls';
import type { TestLook, Transport } from '../api/cameras';
import { CLASS_ORDER, className } from '../classes';
import { useSpeech } from '../i18n';
import { CamIcon } from '../ui/icons';
import { explain } from '../ui/words';
import classes from './dialog.module.css';
import { countLabels } from './fold';
import { Boxes, sightingBoxes } from './View';

/** The picture inside a data: address as bytes; the content policy lets no image read it itself. */
function bytesOf(address: string): Blob {
  const text = atob(address.slice(address.indexOf(',') + 1));
  return new Blob([Uint8Array.from(text, (one) => one.charCodeAt(0))], { type: 'image/jpeg' });
}

function Picture({ look, alt }: { look: TestLook; alt: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState({ width: 0, height: 0 });
  const { picture } = look;
  useEffect(() => {
    if (picture === null) return undefined;
    let left = false;
    void createImageBitmap(bytesOf(picture)).then((bitmap) => {
      const canvas = ref.current;
      if (left || canvas === null) return;
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
      setShown({ width: canvas.clientWidth, height: canvas.clientHeight });
    });
    return () => {
      left = true;
    };
  }, [picture]);
  return (
    <div className={classes.picture}>
      <canvas ref={ref} role="img" aria-label={alt} />
      {shown.width === 0 ? null : <Boxes boxes={sightingBoxes(look.detections)} shown={shown} />}
    </div>
  );
}

export type TestTarget = { url: string; transport: Transport } | { camera_id: number };

export function TestPanel({ target }: { target: TestTarget | null }) {
  const { t, language } = useSpeech();
  const asked = useRef<AbortController | null>(null);
  const look = useMutation({
    mutationFn: (what: TestTarget) => {
      asked.current?.abort();
      asked.current = new AbortController();
      return testLook(what, asked.current.signal);
    },
  });
  useEffect(() => () => asked.current?.abort(), []);
  const found = look.data;
  const seen = found === undefined ? [] : countLabels(found.detections, CLASS_ORDER);
  return (
    <section className={classes.test} aria-label={t.cameraForm.test}>
      <Button
        variant="default"
        loading={look.isPending}
        disabled={target === null}
        leftSection={<CamIcon />}
        onClick={() => target !== null && look.mutate(target)}
      >
        {t.cameraForm.test}
      </Button>
      <div className={classes.result} aria-live="polite">
        {found === undefined ? (
          <p className={classes.untested}>
            {look.isPending
              ? t.cameraForm.testing
              : look.error === null
                ? t.cameraForm.testHint
                : explain(look.error, t)}
          </p>
        ) : (
          <>
            <p className={classes.answer} data-good={found.picture !== null}>
              <strong>{found.text[language]}</strong>
              {found.width === null || found.height === null ? null : (
                <span className="numbers">
                  {found.width} × {found.height}
                </span>
              )}
              <span className="numbers">{t.cameraForm.took(found.seconds.toFixed(1))}</span>
            </p>
            {found.detail === '' ? null : <p className={classes.detail}>{found.detail}</p>}
            {found.picture === null ? null : (
              <>
                <Picture look={found} alt={t.cameraForm.testPicture} />
                <p className={classes.seen}>
                  {seen.length === 0
                    ? t.live.nothing
                    : seen
                        .map(([label, many]) => `${className(label, language)} ${many}`)
                        .join(', ')}
                </p>
              </>
            )}
          </>
        )}
      </div>
    </section>
  );
}
