import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FakePortal } from '../testUtils/FakePortal';
import { address, renderPage } from '../testUtils/renderPage';
import { graphOf, pipelineOf, runOf } from '../testUtils/samples';

const page = '/mlops/projects/leaves/pipelines/train';
const pipeline = pipelineOf({
  graph: graphOf({ name: 'fit', line: 2 }, { name: 'judge', line: 3 }),
  parameters: [
    {
      name: 'size',
      value: 'small',
      enum: ['small', 'large'],
      description: 'How much is learned.',
      required: false,
    },
    { name: 'label', required: true },
  ],
  source: 'kind: WorkflowTemplate\nfit: {}\njudge: {}\n',
});

function portalWith(changes: Partial<typeof pipeline> = {}) {
  return new FakePortal()
    .answer('GET pipelines/leaves/train', { ...pipeline, ...changes })
    .answer('GET runs', {
      items: [
        runOf({ phase: 'Failed', finishedAt: '2026-01-01T10:00:02.000Z' }),
      ],
    });
}

describe('PipelinePage', () => {
  it('leads from a step to its line, by keyboard too', async () => {
    renderPage(portalWith(), page);
    (await screen.findByRole('button', { name: /^judge/ })).focus();
    await userEvent.keyboard('{Enter}');
    expect(address()).toBe(`${page}?line=3`);
    const line = screen
      .getByRole('region', { name: 'Source of the pipeline' })
      .querySelector('[aria-current=location]');
    expect(line).toHaveTextContent('judge: {}');
  });

  it('draws the graph where an address asks for times, which a plan has not', async () => {
    renderPage(portalWith(), `${page}?view=timeline`);
    expect(await screen.findByRole('radio', { name: 'Graph' })).toBeChecked();
    expect(
      screen.queryByRole('radio', { name: 'Timeline' }),
    ).not.toBeInTheDocument();
  });

  it('tells parameters with their defaults and choices', async () => {
    renderPage(portalWith(), page);
    const panel = await screen.findByRole('region', { name: 'Parameters' });
    const [size, label] = within(panel).getAllByRole('term');
    expect(size).toHaveTextContent('size small');
    expect(label).toHaveTextContent('label required');
    expect(
      within(panel).getByText('How much is learned. One of small, large.'),
    ).toBeInTheDocument();
  });

  it('shows the last runs as bars that say state and duration', async () => {
    renderPage(portalWith(), page);
    expect(
      await screen.findByRole('link', { name: 'train-1: Failed, 2.0 s' }),
    ).toHaveAttribute('href', '/mlops/runs/train-1');
  });

  it('says why it cannot run, with a link to each line', async () => {
    renderPage(
      portalWith({
        problems: [
          {
            file: pipeline.file,
            line: 2,
            column: 1,
            code: 'unsupported',
            message: 'spec.templates[2].daemon is not supported.',
            severity: 'error',
          } as never,
        ],
      }),
      page,
    );
    expect(
      await screen.findByText('This pipeline cannot run'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/spec.templates\[2\].daemon is not supported/),
    ).toBeInTheDocument();
    expect(screen.getAllByRole('link', { name: 'Line 2' })[0]).toHaveAttribute(
      'href',
      `${page}?line=2`,
    );
  });

  it('says at which commit it is looked at, and runs that one', async () => {
    renderPage(portalWith(), `${page}?ref=${pipeline.commit}`);
    expect(
      await screen.findByText('This is the pipeline at commit c0ffee00.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Run' })).toHaveAttribute(
      'href',
      `${page}/run?ref=${pipeline.commit}`,
    );
    expect(
      screen.getByRole('link', { name: 'Show the newest' }),
    ).toHaveAttribute('href', page);
  });
});
