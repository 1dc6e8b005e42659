/** What the catalog is told of the repository: `GET catalog`, for other plugins of the backend. @public */
export interface CatalogFacts {
  commit: string;
  branch: string;
  /** Address of the repository that people can open; absent when it is only on this machine. */
  url?: string;
  projects: {
    name: string;
    title?: string;
    description?: string;
    owner: string;
    lifecycle: string;
    system?: string;
    component?: string;
    tags: string[];
    links: { url: string; title?: string }[];
    /** Folder in the repository. */
    path: string;
    /** How it stands against git: `Synced`, `OutOfSync` or `Failed`, with why. */
    sync?: { state: string; message?: string };
    models: {
      sync?: { state: string; message?: string };
      name: string;
      title?: string;
      description?: string;
      task: string;
      file: string;
    }[];
    pipelines: {
      sync?: { state: string; message?: string };
      name: string;
      title?: string;
      description?: string;
      file: string;
    }[];
    datasets: {
      name: string;
      title?: string;
      description?: string;
      file: string;
    }[];
  }[];
}
