import { projectOf } from '../testUtils/samples';
import { MlopsClient } from './MlopsClient';

it('lists the projects of all pages', async () => {
  const all = Array.from({ length: 450 }, (_, i) =>
    projectOf({ name: `p${String(i).padStart(3, '0')}` }),
  );
  const client = new MlopsClient({
    fetch: async input => {
      const { searchParams } = new URL(input);
      const from = searchParams.get('cursor') ?? '';
      const rest = all.filter(({ name }) => name > from);
      const items = rest.slice(0, Number(searchParams.get('limit')));
      return Response.json({
        items,
        ...(rest.length > items.length
          ? { nextCursor: items[items.length - 1].name }
          : {}),
      });
    },
  });
  expect((await client.listProjects()).items).toEqual(all);
});
