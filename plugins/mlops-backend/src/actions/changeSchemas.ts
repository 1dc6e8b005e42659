/* Shapes that several actions on requests take. */
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';

type Zod = Parameters<
  Parameters<ActionsRegistryService['register']>[0]['schema']['input']
>[0];

/** Edits of files. */
export const editsSchema = (z: Zod) =>
  z.array(
    z.object({
      path: z.string().describe('Path in the repository.'),
      content: z.string().optional(),
      delete: z.literal(true).optional(),
      set: z
        .array(
          z.object({
            at: z.array(z.union([z.string(), z.number()])),
            value: z.unknown().optional(),
          }),
        )
        .optional()
        .describe(
          'Values of a YAML file; without a value a key is taken away.',
        ),
    }),
  );

/** A pipeline that is run on the branch. */
export const trialSchema = (z: Zod) =>
  z.object({
    pipeline: z.string(),
    parameters: z.record(z.string()).optional(),
  });
