import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal, type Asked } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import { detailOf, pipelineOf, runOf } from '../testUtils/samples';

const parameters = [
  {
    name: 'seed',
    value: '7',
    description: 'The same seed gives the same weights.',
    required: false,
  },
  { name: 'size', value: 'small', enum: ['small', 'large'], required: false },
  { name: 'label', required: true },
  { name: 'notes', default: 'one\ntwo', required: false },
];
const form = '/mlops/projects/leaves/pipelines/train/run';
const commit = 'abcdef12'.repeat(5);

function portalWith(allowed = true) {
  return new FakePortal()
    .answer('GET pipelines/leaves/train', pipelineOf({ parameters }))
    .answer(
      'GET projects/leaves',
      detailOf({
        allowed: { run: allowed, control: allowed, propose: allowed },
      }),
    )
    .answer('GET refs', {
      branches: [{ name: 'try', commit }],
      commits: [{ commit, message: 'Larger leaves', author: '', date: '' }],
    })
    .answer('GET runs/train-1', runOf())
    .answer('GET runs/train-1/metrics', { items: [] });
}

const runButton = () => screen.findByRole('button', { name: 'Run' });
const submitted = (portal: FakePortal) =>
  portal.asked.filter(({ method }) => method === 'POST');

describe('RunForm', () => {
  it('makes a field of each parameter: a choice, a line, several lines, with description and default', async () => {
    renderPage(portalWith(), form);
    expect(await screen.findByRole('textbox', { name: 'seed' })).toHaveValue(
      '7',
    );
    expect(
      screen.getByText('The same seed gives the same weights.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('textbox', { name: 'notes' }).tagName).toBe(
      'TEXTAREA',
    );
    await userEvent.click(screen.getByRole('button', { name: /size/ }));
    expect(
      (await screen.findAllByRole('option')).map(item => item.textContent),
    ).toEqual(['small', 'large']);
  });

  it('names what is still needed, and runs only then', async () => {
    renderPage(portalWith(), form);
    expect(await runButton()).toBeDisabled();
    expect(screen.getByText('Still needed: label')).toBeInTheDocument();
    await userEvent.type(screen.getByRole('textbox', { name: /label/ }), 'x');
    expect(await runButton()).toBeEnabled();
    expect(screen.queryByText(/Still needed/)).not.toBeInTheDocument();
  });

  it('sends the values once, with a key, and opens the run', async () => {
    const portal = portalWith().answer('POST runs', () => runOf());
    renderPage(portal, form);
    await userEvent.type(
      await screen.findByRole('textbox', { name: /label/ }),
      'x',
    );
    await userEvent.click(screen.getByRole('button', { name: /size/ }));
    await userEvent.click(await screen.findByRole('option', { name: 'large' }));
    await userEvent.dblClick(await runButton());
    await waitFor(() => expect(address()).toBe('/mlops/runs/train-1'));
    const [only, ...more] = submitted(portal);
    expect(more).toEqual([]);
    expect(only.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(only.body).toEqual({
      project: 'leaves',
      pipeline: 'train',
      parameters: { seed: '7', size: 'large', label: 'x', notes: 'one\ntwo' },
    });
  });

  it('sends nothing twice while the portal has not answered', async () => {
    const portal = portalWith().hang('POST runs');
    renderPage(portal, form);
    await userEvent.type(
      await screen.findByRole('textbox', { name: /label/ }),
      'x{Enter}',
    );
    expect(await runButton()).toBeDisabled();
    await userEvent.click(await runButton());
    expect(submitted(portal)).toHaveLength(1);
  });

  it('puts the words of a refusal at the field that they name', async () => {
    const portal = portalWith().refuse(
      'POST runs',
      400,
      "parameters.seed: must be a number, not 'x'.",
    );
    renderPage(portal, form);
    await userEvent.type(
      await screen.findByRole('textbox', { name: /label/ }),
      'x',
    );
    await userEvent.click(await runButton());
    expect(await screen.findByRole('alert')).toHaveTextContent(
      "must be a number, not 'x'.",
    );
    expect(screen.getByRole('textbox', { name: 'seed' })).toBeInvalid();
    expect(screen.getByRole('textbox', { name: /label/ })).toBeValid();
    expect(await runButton()).toBeEnabled();
  });

  it('asks for the parameters of the branch or commit in the address, and runs that', async () => {
    const portal = portalWith().answer('POST runs', (asked: Asked) =>
      runOf({ ref: asked.body.ref }),
    );
    renderPage(portal, `${form}?ref=try`);
    expect(
      await screen.findByText(/Branch try/, { selector: 'span' }),
    ).toBeInTheDocument();
    expect(portal.asked.map(({ where }) => where)).toContain(
      'pipelines/leaves/train?ref=try',
    );
    await userEvent.type(
      await screen.findByRole('textbox', { name: /label/ }),
      'x',
    );
    await userEvent.click(await runButton());
    await waitFor(() => expect(submitted(portal)[0]?.body.ref).toBe('try'));
  });

  it('offers the engines where there is a choice, keeps the chosen one in the address, and sends it', async () => {
    const portal = portalWith()
      .answer(
        'GET pipelines/leaves/train',
        pipelineOf({ engines: ['argo', 'local'] }),
      )
      .answer('POST runs', () => runOf());
    renderPage(portal, form);
    await userEvent.click(
      await screen.findByRole('button', { name: /Where it runs/ }),
    );
    expect(
      (await screen.findAllByRole('option')).map(item => item.textContent),
    ).toEqual(['On the cluster argo', 'On the machine of the portal']);
    await userEvent.click(
      screen.getByRole('option', { name: 'On the machine of the portal' }),
    );
    await waitFor(() => expect(address()).toContain('engine=local'));
    await userEvent.click(await runButton());
    await waitFor(() =>
      expect(submitted(portal)[0]?.body.engine).toBe('local'),
    );
  });

  it('offers no engine where there is one', async () => {
    renderPage(portalWith(), form);
    await runButton();
    expect(
      screen.queryByRole('button', { name: /Where it runs/ }),
    ).not.toBeInTheDocument();
  });

  it('says so where a person may look but not run', async () => {
    renderPage(portalWith(false), form);
    expect(
      await screen.findByText(/You may look at this pipeline/),
    ).toBeInTheDocument();
    expect(await runButton()).toBeDisabled();
  });
});
