/** The evidence of a case: one picture large, its kinds beside it, every file with its sha256. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useRight } from '../account/session';
import { evidenceUrl } from '../api/http';
import type { CaseDetail, Evidence, EvidenceKind } from '../api/types';
import { useSpeech } from '../i18n';
import { CopyButton } from '../ui/CopyButton';
import { EyeIcon } from '../ui/icons';
import { Original } from '../ui/Original';
import { bytes } from '../ui/time';
import classes from './case.module.css';

const ORDER: readonly EvidenceKind[] = [
  'annotated',
  'closeup',
  'before',
  'strip',
  'masked',
  'original',
];

interface Sighting {
  leadId: number | null;
  rows: Evidence[];
}

/** Evidence by lead, in the order in which it came. */
function sightings(rows: readonly Evidence[]): Sighting[] {
  const found: Sighting[] = [];
  for (const row of rows) {
    const last = found.find(
      (one) => one.leadId === row.lead_id && one.rows.every((other) => other.kind !== row.kind),
    );
    if (last === undefined) found.push({ leadId: row.lead_id, rows: [row] });
    else last.rows.push(row);
  }
  return found;
}

export function EvidenceView({ item, onOriginal }: { item: CaseDetail; onOriginal: () => void }) {
  const { t } = useSpeech();
  const maySeeOriginal = useRight('original');
  const all = sightings(item.evidence);
  const [place, setPlace] = useState(0);
  const [kind, setKind] = useState<EvidenceKind>('annotated');
  /** Evidence the browser could not show, such as HEIC; it can still be saved. */
  const [unshown, setUnshown] = useState<number | null>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const sighting = all[place] ?? all[0];
  if (sighting === undefined) return null;
  const rows = [...sighting.rows].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const row = rows.find((one) => one.kind === kind) ?? rows[0];
  if (row === undefined) return null;
  const locked = row.kind === 'original' && !opened.has(row.id);
  return (
    <section className={classes.evidence} aria-label={t.case.evidence}>
      <div className={classes.kinds} role="tablist" aria-label={t.case.evidence}>
        {rows.map((one) => (
          <button
            key={one.id}
            type="button"
            role="tab"
            aria-selected={one === row}
            onClick={() => setKind(one.kind)}
          >
            {t.case.kinds[one.kind]}
          </button>
        ))}
      </div>
      <div className={classes.canvas} role="tabpanel" data-original={row.kind === 'original'}>
        {locked ? (
          <div className={classes.lock}>
            <EyeIcon size={32} />
            <p>{maySeeOriginal ? t.case.originalAsk : t.case.originalNo}</p>
            {maySeeOriginal ? (
              <Button
                onClick={() => {
                  setOpened(new Set([...opened, row.id]));
                }}
              >
                {t.case.originalOpen}
              </Button>
            ) : null}
          </div>
        ) : (
          <>
            <Original
              key={row.id}
              src={evidenceUrl(row.id, row.kind)}
              alt={t.case.evidencePicture(t.case.kinds[row.kind], item.number)}
              film={row.media_type.startsWith('video/')}
              onLoad={row.kind === 'original' ? onOriginal : undefined}
              onError={() => setUnshown(row.id)}
              hidden={unshown === row.id}
            />
            {unshown === row.id ? (
              <div className={classes.lock} role="alert">
                <p>{t.case.unshown(row.media_type)}</p>
                <Button component="a" href={evidenceUrl(row.id, row.kind)} download>
                  {t.case.save}
                </Button>
              </div>
            ) : null}
            {row.kind === 'original' ? <p>{t.review.originalNotice}</p> : null}
          </>
        )}
      </div>
      {all.length < 2 ? null : (
        <ol className={classes.sightings}>
          {all.map((one, index) => {
            const closeup = one.rows.find((other) => other.kind === 'closeup');
            return (
              <li key={one.rows[0]?.id}>
                <button
                  type="button"
                  aria-pressed={index === place}
                  aria-label={`${t.case.evidence} ${index + 1}`}
                  onClick={() => setPlace(index)}
                >
                  {closeup === undefined ? null : (
                    <img src={evidenceUrl(closeup.id, 'closeup')} alt="" loading="lazy" />
                  )}
                </button>
              </li>
            );
          })}
        </ol>
      )}
      <table className={classes.files}>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td>{t.case.kinds[one.kind]}</td>
              <td className="numbers">
                {one.width} × {one.height}
              </td>
              <td className="numbers">{bytes(one.size)}</td>
              <td className="mono" title={`SHA-256 ${one.sha256}`}>
                {one.sha256.slice(0, 12)}…
                <CopyButton text={one.sha256} what={`SHA-256, ${t.case.kinds[one.kind]}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
