/** `mlproject.yaml` of a project. @public */
export interface MLProject {
  apiVersion: 'backstage-mlops/v1alpha1';
  kind: 'MLProject';
  metadata: { name: string; title?: string; description?: string; tags?: string[]; links?: { url: string; title?: string }[] };
  spec: {
    owner: string;
    lifecycle: string;
    system?: string;
    component?: string;
    problem: { decides: string; forWhom: string; whyMachineLearning: string; costOfWrongAnswer: string };
    baseline: { rule: string; metric: string; value?: number };
    risks: string[];
    nextSteps: string[];
  };
}
