/*
 * The files of a project. One schema gives both the parser and the JSON Schema under docs/schemas, so the two cannot differ.
 */
import { z } from 'zod';

/** Group and version of our own files and catalog kinds. @public */
export const MLOPS_API_VERSION = 'backstage-mlops/v1alpha1';

const name = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "lower-case letters, digits and '-', at most 63, as 'my-project'",
  )
  .describe(
    'Lower-case letters, digits and dashes; the same as the folder or file.',
  );
const sentence = z
  .string()
  .min(1, 'a text that is not empty')
  .max(2_000, 'at most 2,000 characters');
const entityRef = z
  .string()
  .regex(
    /^([a-zA-Z]+:)?([\w.-]+\/)?[\w.-]+$/,
    "an entity, as 'group:default/team'",
  )
  .describe('An entity of the catalog, as group:default/team.');
const link = z.strictObject({
  url: z.string().regex(
    // Without a flag: a JSON Schema has none, and says the same.
    /^([hH][tT][tT][pP][sS]?:\/\/|[mM][aA][iI][lL][tT][oO]:)[^\s<>"]+$/,
    'an address that starts with https://, http:// or mailto:',
  ),
  title: z.string().max(200).optional(),
});
const keep = z.strictObject({
  days: z
    .number()
    .int('a whole number')
    .min(1, 'at least 1 day')
    .optional()
    .describe('Kept for so many days after the run.'),
});
const share = z
  .number()
  .min(0, 'a share between 0 and 1')
  .max(1, 'a share between 0 and 1');

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "a digest, as 'sha256:' and 64 hex digits");

const metadata = z.strictObject({
  name,
  title: z.string().min(1).max(200).optional(),
  description: sentence.optional(),
  tags: z
    .array(
      z
        .string()
        .regex(
          /^[a-z0-9]([-a-z0-9:+#]*[a-z0-9+#])?$/,
          "lower-case letters, digits and '-'",
        )
        .max(63),
    )
    .max(30)
    .optional(),
  links: z.array(link).max(30).optional(),
});

const head = <K extends string>(kind: K) => ({
  apiVersion: z.literal(MLOPS_API_VERSION),
  kind: z.literal(kind),
  metadata,
});

/** `mlproject.yaml`. @public */
export const mlProjectSchema = z.strictObject({
  ...head('MLProject'),
  spec: z.strictObject({
    owner: entityRef,
    lifecycle: z
      .string()
      .regex(
        /^[a-z][-a-z0-9]{0,62}$/,
        "a word, as 'experimental' or 'production'",
      ),
    system: entityRef.optional(),
    engine: z
      .string()
      .regex(/^[a-z0-9][-a-z0-9]{0,40}$/, "an engine, as 'local'")
      .optional()
      .describe(
        'Where its pipelines run: local, or a cluster of the portal. Default: mlops.engine of the portal.',
      ),
    component: entityRef
      .optional()
      .describe(
        'An existing Component of the catalog that this project belongs to.',
      ),
    problem: z.strictObject({
      decides: sentence,
      forWhom: sentence,
      whyMachineLearning: sentence,
      costOfWrongAnswer: sentence,
    }),
    baseline: z.strictObject({
      rule: sentence,
      metric: z.string().min(1).max(250),
      value: z.number().optional(),
    }),
    retention: z
      .strictObject({
        runs: keep
          .extend({
            last: z
              .number()
              .int('a whole number')
              .min(1, 'at least 1')
              .optional()
              .describe('The newest runs of each pipeline stay.'),
          })
          .optional()
          .describe(
            'Runs with their logs and artifacts. Those of registered versions stay.',
          ),
        logs: keep.optional(),
        artifacts: keep.optional(),
      })
      .optional()
      .describe('What is removed with time. Without it everything stays.'),
    policy: z
      .strictObject({
        trialRun: name
          .optional()
          .describe(
            'A pipeline that runs on the branch of every proposed change.',
          ),
        fourEyes: z
          .boolean()
          .optional()
          .describe(
            'Whether another person than the author must approve a change.',
          ),
        requiredChecks: z
          .array(z.string().min(1).max(100))
          .max(20)
          .optional()
          .describe('Checks that must be there and have passed.'),
      })
      .optional()
      .describe('What a proposed change needs before it is merged.'),
    risks: z.array(sentence).max(50).default([]),
    nextSteps: z.array(sentence).max(50).default([]),
  }),
});

/** `datasets/<name>.yaml`. @public */
export const datasetSchema = z.strictObject({
  ...head('Dataset'),
  spec: z.strictObject({
    sources: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(200),
          description: sentence.optional(),
          url: link.shape.url.optional(),
        }),
      )
      .min(1, 'at least one source')
      .max(50),
    schema: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(200),
          type: z.enum([
            'text',
            'category',
            'number',
            'integer',
            'boolean',
            'date',
            'image',
          ]),
          description: sentence.optional(),
          unit: z.string().max(50).optional(),
          values: z.array(z.string()).max(1000).optional(),
          required: z.boolean().optional(),
        }),
      )
      .max(500),
    splits: z.record(z.string().max(63), share).optional(),
    checks: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(100),
          description: sentence.optional(),
          min: z.number().optional(),
          max: z.number().optional(),
          severity: z.enum(['set-aside', 'warn', 'fail']).optional(),
        }),
      )
      .max(200)
      .default([]),
    licence: z.string().min(1).max(200),
    manifest: z
      .strictObject({
        digest,
        files: z.array(z.string().max(500)).max(10_000).optional(),
      })
      .optional(),
  }),
});

const versionNumber = z
  .number()
  .int('a whole number')
  .min(1, 'at least 1')
  .max(999_999_999, 'at most 999,999,999');
const gateCheck = z
  .string()
  .min(1, 'a CEL text')
  .max(2_000, 'at most 2,000 characters')
  .describe('CEL over metrics and champion, as metrics.accuracy >= 0.9');
const gate = z.union(
  [
    gateCheck,
    z.strictObject({
      name: z.string().min(1).max(100).optional(),
      check: gateCheck,
    }),
  ],
  { error: 'a CEL text, or an object with name and check' },
);

/** `models/<name>.yaml`. @public */
export const mlModelSchema = z.strictObject({
  ...head('MLModel'),
  spec: z.strictObject({
    task: z
      .string()
      .regex(/^[a-z][-a-z0-9]{0,62}$/, "a word, as 'image-classification'"),
    classes: z.array(z.string().min(1).max(200)).max(1000).optional(),
    primaryMetric: z.strictObject({
      name: z.string().min(1).max(250),
      direction: z.enum(['higher', 'lower']),
    }),
    intendedUse: sentence,
    limits: z.array(sentence).max(50).default([]),
    licence: z.string().min(1).max(200),
    aliases: z
      .record(
        z
          .string()
          .regex(
            /^(?![lL][aA][tT][eE][sS][tT]$)(?![vV]\d+$)[\w-]{1,250}$/,
            "a word that is neither 'latest' nor 'v1'",
          ),
        z.strictObject({ version: versionNumber, digest }),
      )
      .optional()
      .describe(
        'Which version each alias is. The portal writes them to the registry; other clients cannot.',
      ),
    gates: z
      .union([gateCheck, z.array(gate).max(50)], {
        error: 'a CEL text, or a list of them',
      })
      .optional()
      .describe('What a version must meet before it takes an alias.'),
    waivers: z
      .array(
        z.strictObject({
          gate: z
            .string()
            .min(1)
            .max(2_000)
            .describe('Name of the gate, or its text.'),
          version: versionNumber.optional(),
          by: entityRef,
          reason: sentence,
          until: z
            .string()
            .regex(
              /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
              "a day, as '2026-12-31'",
            )
            .describe('Last day that it counts, in UTC.'),
        }),
      )
      .max(100)
      .optional()
      .describe(
        'Gates that may fail for a while: who says so, why, until when.',
      ),
  }),
});

/** @public */
export type MLProject = z.infer<typeof mlProjectSchema>;
/** @public */
export type Dataset = z.infer<typeof datasetSchema>;
/** @public */
export type MLModel = z.infer<typeof mlModelSchema>;

/** The JSON Schemas of our kinds, as they stand under docs/schemas. @public */
export function jsonSchemas(): Record<
  'MLProject' | 'Dataset' | 'MLModel',
  object
> {
  const make = (schema: z.ZodType, title: string) => ({
    title,
    ...z.toJSONSchema(schema, { io: 'input' }),
  });
  return {
    MLProject: make(mlProjectSchema, 'MLProject'),
    Dataset: make(datasetSchema, 'Dataset'),
    MLModel: make(mlModelSchema, 'MLModel'),
  };
}
