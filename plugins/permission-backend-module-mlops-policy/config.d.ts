export interface Config {
  mlops?: {
    /** Groups and people of the example policy: entity references, as group:default/reviewers. */
    policy?: {
      /** Review and merge in every project what others wrote. */
      reviewers?: string[];
      /** Run, stop and propose in every project, without owning it. */
      builders?: string[];
    };
  };
}
