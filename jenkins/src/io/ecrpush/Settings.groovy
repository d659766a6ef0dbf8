package io.ecrpush

/** The settings of `ecr-push run`. Written by scripts/pack-jenkins. */
class Settings implements Serializable {

    private static final long serialVersionUID = 1L

    /** Option: its variable, what divides its values, and whether a map fits. */
    static final Map<String, List> ALL = [
        context: ['ECR_PUSH_CONTEXT', '', false],
        repository: ['ECR_PUSH_REPOSITORY', '', false],
        region: ['ECR_PUSH_REGION', '', false],
        registryId: ['ECR_PUSH_REGISTRY_ID', '', false],
        profile: ['ECR_PUSH_PROFILE', '', false],
        role: ['ECR_PUSH_ROLE', '', false],
        createRepository: ['ECR_PUSH_CREATE_REPOSITORY', '', false],
        kmsKey: ['ECR_PUSH_KMS_KEY', '', false],
        dockerfile: ['ECR_PUSH_DOCKERFILE', '', false],
        buildArg: ['ECR_PUSH_BUILD_ARG', '\n', true],
        target: ['ECR_PUSH_TARGET', '', false],
        platform: ['ECR_PUSH_PLATFORM', ',', false],
        builder: ['ECR_PUSH_BUILDER', '', false],
        image: ['ECR_PUSH_IMAGE', '', false],
        tag: ['ECR_PUSH_TAG', ',', false],
        tags: ['ECR_PUSH_TAGS', '\n', false],
        flavor: ['ECR_PUSH_FLAVOR', '\n', false],
        naming: ['ECR_PUSH_NAMING', '', false],
        label: ['ECR_PUSH_LABEL', '\n', true],
        annotation: ['ECR_PUSH_ANNOTATION', '\n', true],
        annotate: ['ECR_PUSH_ANNOTATE', '', false],
        floatingTags: ['ECR_PUSH_FLOATING_TAGS', '', false],
        versionStrategy: ['ECR_PUSH_VERSION_STRATEGY', '', false],
        version: ['ECR_PUSH_VERSION', '', false],
        versionFile: ['ECR_PUSH_VERSION_FILE', '', false],
        versionScheme: ['ECR_PUSH_VERSION_SCHEME', '', false],
        channel: ['ECR_PUSH_CHANNEL', ',', true],
        tagPrefix: ['ECR_PUSH_TAG_PREFIX', '', false],
        path: ['ECR_PUSH_PATH', '\n', false],
        commitScope: ['ECR_PUSH_COMMIT_SCOPE', ',', false],
        defaultBranch: ['ECR_PUSH_DEFAULT_BRANCH', '', false],
        deepen: ['ECR_PUSH_DEEPEN', '', false],
        gitTag: ['ECR_PUSH_GIT_TAG', '', false],
        policy: ['ECR_PUSH_POLICY', '', false],
        failOn: ['ECR_PUSH_FAIL_ON', '', false],
        maxFindings: ['ECR_PUSH_MAX_FINDINGS', ',', true],
        baseline: ['ECR_PUSH_BASELINE', '', false],
        baseImage: ['ECR_PUSH_BASE_IMAGE', '', false],
        scanTimeout: ['ECR_PUSH_SCAN_TIMEOUT', '', false],
        scanMaxAge: ['ECR_PUSH_SCAN_MAX_AGE', '', false],
        scanEventsQueue: ['ECR_PUSH_SCAN_EVENTS_QUEUE', '', false],
        unscannable: ['ECR_PUSH_UNSCANNABLE', '', false],
        sandbox: ['ECR_PUSH_SANDBOX', '', false],
        advisories: ['ECR_PUSH_ADVISORIES', '\n', false],
        dryRun: ['ECR_PUSH_DRY_RUN', '', false],
        result: ['ECR_PUSH_RESULT', '', false],
        report: ['ECR_PUSH_REPORT', '\n', false],
        progress: ['ECR_PUSH_PROGRESS', '', false],
    ].asImmutable()

}
