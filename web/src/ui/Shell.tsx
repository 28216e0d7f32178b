/** The frame of every page: where one is, how much waits there, and who one is. */
import { Menu, Modal, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { NavLink, Outlet } from 'react-router';
import { PasswordForm } from '../account/PasswordForm';
import { allows } from '../account/rights';
import { useSession, useUser } from '../account/session';
import { readSummary, signOut } from '../api/calls';
import { useSpeech } from '../i18n';
import { useDesk } from '../review/DeskProvider';
import { UploadTray } from '../upload/UploadTray';
import {
  CamIcon,
  ListIcon,
  Mark,
  MoonIcon,
  ReviewIcon,
  SunIcon,
  UploadIcon,
  UserIcon,
} from './icons';
import { LanguageSwitch } from './LanguageSwitch';
import { useTell } from './notices';
import { QUIET_MODAL } from './quiet';
import { explain } from './words';
import classes from './shell.module.css';

interface Entry {
  to: string;
  name: string;
  icon: ReactNode;
  count: number | null;
  urgent: boolean;
}

function useEntries(): Entry[] {
  const { t } = useSpeech();
  const { role } = useUser();
  const { data } = useQuery({
    queryKey: ['summary'],
    queryFn: readSummary,
    refetchInterval: 20_000,
  });
  const entries: Entry[] = [];
  if (allows(role, 'leads')) {
    entries.push({
      to: '/review',
      name: t.nav.review,
      icon: <ReviewIcon />,
      count: data?.leads_review ?? null,
      urgent: false,
    });
  }
  const overdue = data?.cases_overdue ?? 0;
  entries.push({
    to: '/cases',
    name: t.nav.cases,
    icon: <ListIcon />,
    count: overdue > 0 ? overdue : (data?.cases_pending ?? null),
    urgent: overdue > 0,
  });
  if (allows(role, 'leads')) {
    entries.push({
      to: '/cameras',
      name: t.nav.cameras,
      icon: <CamIcon />,
      count: null,
      urgent: false,
    });
  }
  if (allows(role, 'upload')) {
    entries.push({
      to: '/upload',
      name: t.nav.upload,
      icon: <UploadIcon />,
      count: null,
      urgent: false,
    });
  }
  return entries;
}

function AccountMenu() {
  const { t, language, setLanguage } = useSpeech();
  const { adopt } = useSession();
  const { store } = useDesk();
  const user = useUser();
  const tell = useTell();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const [changing, setChanging] = useState(false);
  const leave = async () => {
    await store.drain();
    try {
      await signOut();
      adopt(null);
    } catch (error) {
      tell('bad', explain(error, t));
    }
  };
  return (
    <>
      <Menu position="bottom-end" width={220} transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <button type="button" className={classes.account} aria-label={t.common.account}>
            <UserIcon />
            <span>{user.name}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {user.name} · {t.roles[user.role]}
          </Menu.Label>
          <Menu.Item
            leftSection={scheme === 'dark' ? <SunIcon size={16} /> : <MoonIcon size={16} />}
            onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
          >
            {scheme === 'dark' ? t.common.light : t.common.dark}
          </Menu.Item>
          <Menu.Item
            lang={language === 'zh' ? 'en' : 'zh-CN'}
            onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
          >
            {language === 'zh' ? 'English' : '中文'}
          </Menu.Item>
          <Menu.Item onClick={() => setChanging(true)}>{t.common.changePassword}</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => void leave()}>{t.common.signOut}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={changing}
        onClose={() => setChanging(false)}
        title={t.common.changePassword}
        closeButtonProps={{ 'aria-label': t.common.close }}
        {...QUIET_MODAL}
      >
        <PasswordForm
          onDone={() => {
            setChanging(false);
            tell('good', t.password.done);
          }}
        />
      </Modal>
    </>
  );
}

export function Shell() {
  const { t } = useSpeech();
  const entries = useEntries();
  return (
    <>
      <a className="skip" href="#content">
        {t.common.skipToContent}
      </a>
      <header className={classes.header}>
        <div className={classes.brand}>
          <Mark size={26} />
          <span>{t.product}</span>
        </div>
        <nav className={classes.nav} aria-label={t.product}>
          {entries.map((entry) => (
            <NavLink key={entry.to} to={entry.to} className={classes.entry ?? ''}>
              {entry.icon}
              <span>{entry.name}</span>
              {entry.count === null || entry.count === 0 ? null : (
                <b className="numbers" data-urgent={entry.urgent}>
                  {entry.count > 999 ? '999+' : entry.count}
                </b>
              )}
            </NavLink>
          ))}
        </nav>
        <div className={classes.tools}>
          <LanguageSwitch />
          <AccountMenu />
        </div>
      </header>
      <main id="content" className={classes.content} tabIndex={-1}>
        <Outlet />
      </main>
      <UploadTray />
    </>
  );
}
