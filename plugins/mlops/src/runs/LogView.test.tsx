import { fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import { LogView } from './LogView';

function show(options: { at?: string; failed?: boolean } = {}) {
  const portal = new FakePortal();
  const log = portal.log('train-1', 'fit');
  renderPage(
    portal,
    `/mlops/runs/train-1${options.at ?? ''}`,
    <LogView
      run="train-1"
      node={{ id: 'fit', failed: options.failed ?? false, begun: true }}
    />,
  );
  return log;
}

/** The DOM of the tests has no sizes: a log of 100 lines in a window of ten. */
function sized(log: HTMLElement) {
  Object.defineProperty(log, 'scrollHeight', { value: 2000 });
  Object.defineProperty(log, 'clientHeight', { value: 200 });
  return log;
}

const linesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');

const marked = () =>
  screen.getByRole('log').querySelector('[aria-current=location]');

describe('LogView', () => {
  it('says that nothing was printed yet, then shows lines as they come', async () => {
    const log = show();
    expect(
      await screen.findByText('Nothing was printed yet.'),
    ).toBeInTheDocument();
    log.write('epoch 1\nepoch');
    expect(await screen.findByText('epoch 1')).toBeInTheDocument();
    log.write(' 2\n');
    expect(await screen.findByText('epoch 2')).toBeInTheDocument();
    expect(screen.getByText('2 lines')).toBeInTheDocument();
  });

  it('says that nothing was printed at all when the step is over', async () => {
    show().end();
    expect(await screen.findByText('Nothing was printed.')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Pause' }),
    ).not.toBeInTheDocument();
  });

  it('gives each line an address that names its step', async () => {
    show({ at: '?view=list' }).write('one\ntwo\n');
    expect(await screen.findByRole('link', { name: /2$/ })).toHaveAttribute(
      'href',
      '?view=list&node=fit&tab=log&line=2',
    );
  });

  it('never takes a log for HTML, and colours by style alone', async () => {
    const log = show();
    log.write('<img src=x onerror=alert(1)> \u001b[31mred\u001b[0m\n');
    expect(
      await screen.findByText('<img src=x onerror=alert(1)>'),
    ).toBeInTheDocument();
    expect(screen.getByText('red')).toHaveStyle({ color: '#ff8a80' });
    expect(screen.queryByRole('img')).not.toBeInTheDocument();
  });

  it('follows until the reader scrolls up, and again from the end', async () => {
    const log = show();
    log.write(linesOf(100));
    await screen.findByText('100 lines');
    const frame = sized(screen.getByRole('log'));
    fireEvent.scroll(frame, { target: { scrollTop: 1800 } });
    fireEvent.scroll(frame, { target: { scrollTop: 400 } });
    expect(
      await screen.findByText('Paused; the log goes on.'),
    ).toBeInTheDocument();
    log.write('more\n');
    await screen.findByText('101 lines');
    expect(frame.scrollTop).toBe(400);
    fireEvent.scroll(frame, { target: { scrollTop: 1800 } });
    expect(screen.queryByText(/Paused/)).not.toBeInTheDocument();
    log.write('and more\n');
    await screen.findByText('102 lines');
    await waitFor(() => expect(frame.scrollTop).toBe(2000));
    await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(screen.getByText('Paused; the log goes on.')).toBeInTheDocument();
  });

  it('searches through colours and keeps the numbers of the lines', async () => {
    const log = show();
    log.write('start\nlo\u001b[31mss\u001b[0m 0.3\nend\n');
    await screen.findByText('start');
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search the log' }),
      'LOSS',
    );
    await waitFor(() => expect(address()).toContain('find=LOSS'));
    expect(screen.getByText(/1 of 3 lines/)).toBeInTheDocument();
    expect(screen.queryByText('start')).not.toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Line 2' })).toBeInTheDocument();
  });

  it('goes back to the end of the whole log when it is to follow again', async () => {
    const log = show({ at: '?find=two&line=2' });
    log.write('one\ntwo\n');
    await screen.findByText(/1 of 2 lines/);
    await userEvent.click(screen.getByRole('button', { name: 'Follow' }));
    expect(address()).toBe('/mlops/runs/train-1');
    expect(await screen.findByText('one')).toBeInTheDocument();
    expect(marked()).toBeNull();
  });

  it('gives each line an address, and marks the line of the address', async () => {
    const log = show({ at: '?line=2' });
    log.write('one\ntwo\nthree\n');
    await screen.findByText('two');
    await waitFor(() => expect(marked()).toHaveTextContent('two'));
    await userEvent.click(screen.getByRole('link', { name: 'Line 3' }));
    expect(address()).toBe('/mlops/runs/train-1?line=3&node=fit&tab=log');
    expect(marked()).toHaveTextContent('three');
  });

  it('is one stop of the Tab key; arrows go from line to line', async () => {
    const log = show();
    log.write('one\ntwo\n');
    await screen.findByText('two');
    screen.getByRole('log').focus();
    await userEvent.tab();
    expect(screen.getByRole('link', { name: 'Line 1' })).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}');
    expect(screen.getByRole('link', { name: 'Line 2' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(address()).toContain('line=2');
    await userEvent.tab({ shift: true });
    await userEvent.tab();
    expect(screen.getByRole('link', { name: 'Line 2' })).toHaveFocus();
  });

  it('marks the error of a failed step by itself', async () => {
    const log = show({ failed: true });
    log.write('work\nError: no rows\n    at fit\n');
    log.end();
    await waitFor(() => expect(marked()).toHaveTextContent('Error: no rows'));
  });

  it('keeps only the lines in view in the page, however long the log is', async () => {
    const log = show();
    log.write(linesOf(5000));
    expect(await screen.findByText('5000 lines')).toBeInTheDocument();
    expect(screen.getAllByRole('link').length).toBeLessThan(200);
  });
});
