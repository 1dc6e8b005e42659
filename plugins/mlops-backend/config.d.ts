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
    /** Engine of runs whose project names none: `local`, or the name of a cluster. Default: local. */
    engine?: string;
    /** Address of the portal as pods of a cluster reach it, as `https://portal.example.org`. */
    externalUrl?: string;
    app?: {
      /**
       * Path of our pages below the address of the app, for links in search results, notices and the catalog. Default: where
       * `app.extensions` puts `page:mlops`, else /mlops.
       */
      path?: string;
    };
    changes?: {
      /** Image of the step that runs a project's own tests. Default: mlops-steps:22. */
      testImage?: string;
    };
    /** How much runs may take. What is over is refused, or waits, with the number. */
    limits?: {
      /** Runs of one project at the same time; others wait. Default: 10. */
      activeRunsPerProject?: number;
      /** Runs of one person at the same time; others wait. Default: 20. */
      activeRunsPerPerson?: number;
      /** Runs that wait in the whole portal. Default: 1000. */
      queuedRuns?: number;
      /** Nodes of one run. Default: 5000. */
      nodesPerRun?: number;
      /** Calls of templates inside each other; Argo's own limit is 100. Default: 50. */
      depthPerRun?: number;
      /** Bytes of all arguments of a run. Default: 65536. */
      argumentBytes?: number;
      /** Longest time of a run, in seconds. Default: 86400. */
      runSeconds?: number;
      /** Room that the disk must have for new runs, in bytes. Default: 1 GiB, or 5 % of a smaller disk. */
      freeBytes?: number;
    };
    /** What steps cost; without it no prices are shown. */
    prices?: {
      /** As EUR. */
      currency: string;
      /** One processor for an hour. */
      cpuHour?: number;
      /** One GiB of memory for an hour. */
      memoryGibHour?: number;
    };
    local?: {
      /** Whether steps run on the portal's own machine. Default: true, but false with NODE_ENV=production. */
      enabled?: boolean;
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
  permission?: {
    /** Lets a portal with NODE_ENV=production start although permissions are off. */
    dangerouslyDisabled?: boolean;
    /** Lets a portal with NODE_ENV=production use the policy that allows everybody everything. */
    dangerouslyAllowAll?: boolean;
  };
}
