export interface Config {
  mlops?: {
    argo?: {
      /** Clusters with Argo Workflows 3.6 to 4.1. Without one the Kubernetes client is never loaded. */
      clusters?: Array<{
        /** As `mlops.engine`, `spec.engine` of a project and `engine` of a run name it; default `argo`. */
        name?: string;
        /** Where workflows run. */
        namespace: string;
        /** Service account of the pods; default `mlops-step`. */
        serviceAccount?: string;
        /** Only Workflows with these labels are shown, as `team=ml`. */
        selector?: string;
        /** Value of the label `workflows.argoproj.io/controller-instanceid`, when the controller has one. */
        instanceId?: string;
        /** The portal itself runs on the cluster: its service account is taken. */
        inCluster?: boolean;
        /** Name of a cluster of `kubernetes.clusterLocatorMethods`, whose address and token are taken. */
        kubernetesCluster?: string;
        /** A kubeconfig file, and the context in it; default: its current one. */
        kubeconfig?: { file: string; context?: string };
        /** Address of the API server; with `serviceAccountToken`. */
        url?: string;
        /** @visibility secret */
        serviceAccountToken?: string;
        /** PEM of the API server's authority, in base64. */
        caData?: string;
        skipTLSVerify?: boolean;
        /** Argo's own PostgreSQL, for workflows whose nodes it keeps there (`nodeStatusOffLoad`). It is only read. */
        database?: {
          /**
           * Address, or host, port, database, user and password, as `pg` takes them.
           * @deepVisibility secret
           */
          connection: string | { [key: string]: unknown };
          /** `persistence.postgresql.tableName` of the controller; default `argo_workflows`. */
          tableName?: string;
          /** `persistence.clusterName` of the controller; default `default`. */
          clusterName?: string;
        };
        /** The bucket that Argo's artifact repository names. */
        artifacts?: {
          bucket: string;
          region?: string;
          /** Of another service than AWS, as `http://minio:9000`. */
          endpoint?: string;
          forcePathStyle?: boolean;
          accessKeyId?: string;
          /** @visibility secret */
          secretAccessKey?: string;
        };
      }>;
    };
  };
}
