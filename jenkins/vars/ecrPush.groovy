import io.ecrpush.Request
import io.ecrpush.Words
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * Builds, pushes, scans, judges and releases an image with `ecr-push run`. ecrPush.txt says with which options,
 * and what is in the Map that it returns.
 */
Map call(Map given = [:]) {
    Request request = Request.of(given, env.ECR_PUSH_REPOSITORY)
    if (request.problems) {
        error("ecrPush: ${request.problems.join('; ')}")
    }
    if (!isUnix()) {
        error('ecrPush: needs an agent with sh, git and docker, which this one is not')
    }
    String folder = newFolder()
    Map files = request.published(folder)
    Map answer = [reports: files, result: "${folder}/ecr-push.json".toString()]
    int code = -1
    try {
        install(request, folder)
        code = runWith(request, folder, files)
        answer += readAnswer(folder, code)
    } finally {
        // After an abort too: what is known by then is written.
        publish(request, folder, code)
        uninstall(folder)
    }
    if (code in request.unstableCodes) {
        unstable("ecrPush: ${answer.message}")
    } else if (code != 0) {
        error("ecrPush: ${answer.message}")
    }
    return answer
}

/**
 * A folder of this call's own, which nobody can guess: parallel branches may share the rest. It is outside of
 * the workspace, where `dir` would put pwd(tmp: true). The reports in it stay for a week. The agent makes it, with
 * the first file that it writes there: in a container `sh` may run as root, and the agent would be locked out of
 * what that makes.
 */
private String newFolder() {
    return "${env.WORKSPACE_TMP ?: pwd(tmp: true)}/ecr-push/run-${UUID.randomUUID()}"
}

/** The CLI is that of the library, never one of the checkout. */
private void install(Request request, String folder) {
    String lock = request.sandbox || env.ECR_PUSH_SANDBOX == 'true' ? 'base.txt' : 'run.txt'
    for (String name in ['install.sh', 'environment.sh', 'unpack.py', 'answer.py', 'package.txt', lock]) {
        writeFile(file: "${folder}/${name}", text: libraryResource("io/ecrpush/${name}"), encoding: 'UTF-8')
    }
    withEnv(["ECRPUSH_FOLDER=${folder}", "ECRPUSH_LOCK=${lock}"]) {
        int code = sh(label: 'ecr-push: install', returnStatus: true, script: '''
            set +x
            # What another user has left cannot be removed, and does no harm.
            find "$ECRPUSH_FOLDER/.." -name 'run-*' -prune -mtime +7 -exec rm -rf {} + || true
            exec sh "$ECRPUSH_FOLDER/install.sh" "$ECRPUSH_LOCK"
        ''')
        if (code != 0) {
            error('ecrPush: ecr-push could not be installed on this agent: the log says why')
        }
    }
}

/** The exit code of the CLI, which alone sees the credentials. */
private int runWith(Request request, String folder, Map files) {
    return withEnv(request.environment(env.ECR_PUSH_REPORT, files) + ["ECRPUSH_FOLDER=${folder}"]) {
        if (!request.bindings) {
            return runCli()
        }
        return withCredentials(request.bindings) {
            return runCli()
        }
    }
}

/** exec, so that the signal of an abort finds the CLI, which then cleans up. */
private int runCli() {
    return sh(label: 'ecr-push run', returnStatus: true, script: '''
        set +x
        exec "$ECRPUSH_FOLDER/cli/bin/python" -I -X utf8 -m ecr_push.cli run --output json \
            >"$ECRPUSH_FOLDER/ecr-push.json"
    ''')
}

private Map readAnswer(String folder, int code) {
    return withEnv(["ECRPUSH_FOLDER=${folder}", "ECRPUSH_CODE=${code}"]) {
        return Words.json(sh(label: 'ecr-push: read the result', returnStdout: true, script: '''
            set +x
            cd "$ECRPUSH_FOLDER"
            cli/bin/python -I -X utf8 answer.py ecr-push.json "$ECRPUSH_CODE"
        '''))
    }
}

private void uninstall(String folder) {
    withEnv(["ECRPUSH_FOLDER=${folder}"]) {
        sh(label: 'ecr-push: clean up', script: '''
            set +x
            cd "$ECRPUSH_FOLDER"
            rm -rf cli install.sh environment.sh unpack.py answer.py package.txt run.txt base.txt
        ''')
    }
}

/** Every report where there is a plugin for it. Nothing here changes what the run came to. */
private void publish(Request request, String folder, int code) {
    if (!request.publish) {
        return
    }
    String stem = request.stem()
    String title = "ecr-push ${request.name}"
    dir(folder) {
        optional('junit') {
            junit(testResults: "${stem}.xml", allowEmptyResults: true, skipMarkingBuildUnstable: true)
        }
        optional('publishHTML') {
            publishHTML(target: [
                reportDir: '.', reportFiles: "${stem}.html", reportName: title,
                keepAll: true, alwaysLinkToLastBuild: true, allowMissing: true,
            ])
        }
        // Without a verdict the file lists nothing, and every issue would count as fixed.
        if (code in [0, 10]) {
            optional('recordIssues') {
                recordIssues(enabledForFailure: true, tools: [
                    sarif(pattern: "${stem}.sarif", id: stem, name: title),
                ])
            }
        }
        optional('archiveArtifacts') {
            archiveArtifacts(artifacts: "${stem}.*", allowEmptyArchive: true)
        }
    }
}

private void optional(String step, Closure body) {
    try {
        body()
    } catch (NoSuchMethodError missing) {
        echo "ecrPush: nothing is published with ${step}, whose plugin is not there"
    } catch (FlowInterruptedException aborted) {
        throw aborted
    } catch (Exception failed) {
        echo "ecrPush: ${step} failed: ${failed.message}"
    }
}
