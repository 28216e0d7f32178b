/** Which page stands at which address, and that nothing but the login stands open. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Navigate, Outlet, Route, Routes, useLocation } from 'react-router';
import { FirstPasswordPage } from './account/FirstPasswordPage';
import { LoginPage } from './account/LoginPage';
import { type Right } from './account/rights';
import { useRight, useSession } from './account/session';
import { CameraPage } from './cameras/CameraPage';
import { NoticesPage } from './cameras/CameraNotices';
import { CamerasPage } from './cameras/CamerasPage';
import { LivePage } from './cameras/LivePage';
import { LiveProvider } from './cameras/LiveProvider';
import { CasePage } from './cases/CasePage';
import { CasesPage } from './cases/CasesPage';
import { useSpeech } from './i18n';
import { IncidentPage } from './incidents/IncidentPage';
import { IncidentsPage } from './incidents/IncidentsPage';
import { DeskProvider } from './review/DeskProvider';
import { ReviewPage } from './review/ReviewPage';
import { RulesPage } from './rules/RulesPage';
import { Empty } from './ui/Empty';
import { WarnIcon } from './ui/icons';
import { Shell } from './ui/Shell';
import { Waiting } from './ui/Waiting';
import { explain } from './ui/words';
import { UploadPage } from './upload/UploadPage';
import { UploadsProvider } from './upload/UploadsProvider';

function Only({ right, children }: { right: Right; children: ReactNode }) {
  return useRight(right) ? children : <Navigate to="/cases" replace />;
}

function Home() {
  return <Navigate to={useRight('leads') ? '/review' : '/cases'} replace />;
}

function Missing() {
  const { t } = useSpeech();
  return <Empty icon={<WarnIcon size={36} />} title="404" text={t.common.notFound} />;
}

/** Where the visitor wanted to go before the login stood in the way. */
function Entrance() {
  const { pathname } = useLocation();
  return pathname === '/login' ? (
    <LoginPage />
  ) : (
    <Navigate to="/login" replace state={{ from: pathname }} />
  );
}

function AfterLogin() {
  const state: unknown = useLocation().state;
  const from =
    typeof state === 'object' && state !== null && 'from' in state && typeof state.from === 'string'
      ? state.from
      : '/';
  return <Navigate to={from} replace />;
}

export function App() {
  const { t } = useSpeech();
  const { user, asking, error, again } = useSession();
  const { pathname } = useLocation();
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [pathname]);
  if (asking) {
    return <Waiting />;
  }
  if (error !== null) {
    return (
      <Empty icon={<WarnIcon size={36} />} title={t.product} text={explain(error, t)}>
        <Button onClick={again}>{t.common.retry}</Button>
      </Empty>
    );
  }
  if (user === null) return <Entrance />;
  if (user.must_change_password) return <FirstPasswordPage />;
  return (
    <DeskProvider key={user.name}>
      <UploadsProvider>
        <LiveProvider>
          <Routes>
            <Route path="/login" element={<AfterLogin />} />
            <Route element={<Shell />}>
              <Route index element={<Home />} />
              <Route
                path="/review"
                element={
                  <Only right="leads">
                    <ReviewPage />
                  </Only>
                }
              />
              <Route path="/cases" element={<CasesPage />} />
              <Route path="/cases/:id" element={<CasePage />} />
              <Route
                path="/upload"
                element={
                  <Only right="upload">
                    <UploadPage />
                  </Only>
                }
              />
              <Route
                path="/cameras"
                element={
                  <Only right="leads">
                    <Outlet />
                  </Only>
                }
              >
                <Route index element={<CamerasPage />} />
                <Route path="live" element={<LivePage />} />
                <Route path="incidents" element={<IncidentsPage />} />
                <Route path="incidents/:id" element={<IncidentPage />} />
                <Route path="notices" element={<NoticesPage />} />
                <Route path=":id" element={<CameraPage />} />
                <Route path=":id/rules" element={<RulesPage />} />
              </Route>
              <Route path="*" element={<Missing />} />
            </Route>
          </Routes>
        </LiveProvider>
      </UploadsProvider>
    </DeskProvider>
  );
}
