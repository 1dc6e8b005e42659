export interface Config {
  mlops?: {
    /** Folder of all state: the GitOps repository, artifacts, step directories. Relative to the backend's working directory. */
    dataDirectory?: string;
    gitops?: {
      /** Another repository: a path on this machine or an https or ssh address. Default: `<dataDirectory>/gitops.git`. */
      url?: string;
      /** Default: main. */
      branch?: string;
      /** Folder in the repository that holds `ml-projects`. Default: the top. */
      path?: string;
      seed?: {
        /** Checkout whose catalog, ml-projects and argo folders are the first commit of a new repository. */
        from: string;
      };
    };
    /** Submitted once by the portal itself when it has no run yet. */
    firstRun?: { project: string; pipeline: string } | null;
    local?: {
      /** Projects that may run without isolation where the kernel refuses it. */
      trust?: string[];
      /** Steps that run at the same time. Default: the number of processors. */
      maxParallelSteps?: number;
      /** Seconds after which a step that sees no portal ends. Default: 3600. */
      orphanSeconds?: number;
      /** Image names (`*` stands for anything) and what their steps see on this machine. */
      environments?: {
        images: string[];
        mounts?: { source: string; target: string }[];
      }[];
      /** What each step may take of this machine; a step may ask for less by `resources.limits`. */
      limits?: {
        /** Bytes of memory of all its processes. Default: three quarters of the machine's. */
        memoryBytes?: number;
        /** Processes and threads. Default: 2048. */
        processes?: number;
        /** Bytes that its folder takes on disk. Default: 10 GiB. */
        diskBytes?: number;
        /** Bytes of log kept for a step. Default: 16 MiB. */
        logBytes?: number;
        /** Bytes of one artifact. Default: 2 GiB. */
        artifactBytes?: number;
      };
    };
  };
}
