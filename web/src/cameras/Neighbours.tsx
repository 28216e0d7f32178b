/** Which cameras lie upstream on the road: where a truck that lost its load passed before. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Camera } from '../api/cameras';
import { useSpeech } from '../i18n';
import { SearchIcon } from '../ui/icons';
import classes from './dialog.module.css';
import { matches } from './wall';

const SHOWN = 40;

interface Props {
  cameras: readonly Camera[];
  chosen: readonly number[];
  onChange: (chosen: number[]) => void;
}

export function Neighbours({ cameras, chosen, onChange }: Props) {
  const { t } = useSpeech();
  const [search, setSearch] = useState('');
  const listed = cameras
    .filter((camera) => matches(camera, search) || chosen.includes(camera.id))
    .sort((a, b) => Number(chosen.includes(b.id)) - Number(chosen.includes(a.id)))
    .slice(0, SHOWN);
  if (cameras.length === 0) return <p className={classes.hint}>{t.cameraForm.noOthers}</p>;
  return (
    <div className={classes.neighbours}>
      <TextInput
        type="search"
        aria-label={t.cameras.search}
        placeholder={t.cameras.search}
        leftSection={<SearchIcon size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul>
        {listed.map((camera) => (
          <li key={camera.id}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(camera.id)}
                onChange={(event) =>
                  onChange(
                    event.currentTarget.checked
                      ? [...chosen, camera.id]
                      : chosen.filter((id) => id !== camera.id),
                  )
                }
              />
              <span>{camera.name}</span>
            </label>
          </li>
        ))}
      </ul>
    </div>
  );
}
