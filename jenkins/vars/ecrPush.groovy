import groovy.transform.Field
import io.ecrpush.Request
import io.ecrpush.Words
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** The names of this build's reports so far: all calls of a build share one object. */
@Field final List<String> taken = []

/**
 * Builds, pushes, scans, judges and releases an image with `ecr-push run`. ecrPush.txt describes the options and
 * the Map that it returns.
 */
Map call(Map given = [:]) {
    Request request = Request.of(given, env.ECR_PUSH_REPOSITORY)
    if (request.problems) {
        error("ecrPush: ${request.problems.join('; ')}")
    }
    if (!isUnix()) {
        error('ecrPush: needs an agent with sh, git and docker; this agent does not run Unix')
    }
    request.tellApart(taken)
    String folder = newFolder()
    Map files = request.published(folder)
    Map answer = [reports: files, result: "${folder}/ecr-push.json".toString()]
    int code = -1
    try {
        install(request, folder)
        code = runWith(request, folder, files)
        answer += readAnswer(folder, code)
    } finally {
        // After an abort too: the CLI has written its reports by then. A failure here does not hide another one.
        finish(request, folder, answer, code)
    }
    if (code in request.unstableCodes) {
        unstable("ecrPush: ${answer.message}")
    } else if (code != 0) {
        error("ecrPush: ${answer.message}")
    }
    return answer
}

/**
 * Returns a folder for this call alone, with a random name: parallel branches may share the parent. It is outside
 * of the workspace, where `dir` would put pwd(tmp: true). Its reports stay for a week. The agent creates it with the
 * first file that it writes there: in a container `sh` may run as root, and a folder of root would lock the agent
 * out.
 */
private String newFolder() {
    return "${env.WORKSPACE_TMP ?: pwd(tmp: true)}/ecr-push/run-${UUID.randomUUID()}"
}

/** The CLI is that of the library, never one of the checkout. */
private void install(Request request, String folder) {
    for (String name in ['install.sh', 'environment.sh', 'unpack.py', 'answer.py', 'package.txt', 'run.txt', 'base.txt']) {
        writeFile(file: "${folder}/${name}", text: libraryResource("io/ecrpush/${name}"), encoding: 'UTF-8')
    }
    withEnv(["ECRPUSH_FOLDER=${folder}", "ECRPUSH_SANDBOX=${request.sandbox ?: env.ECR_PUSH_SANDBOX ?: ''}"]) {
        int code = sh(label: 'ecr-push: install', returnStatus: true, script: '''
            set +x
            # Folders of another user cannot be removed, and do no harm.
            find "$ECRPUSH_FOLDER/.." -name 'run-*' -prune -mtime +7 -exec rm -rf {} + || true
            exec sh "$ECRPUSH_FOLDER/install.sh" "$ECRPUSH_SANDBOX"
        ''')
        if (code != 0) {
            error('ecrPush: could not install ecr-push on this agent: see the log above')
        }
    }
}

/** Returns the exit code of the CLI. Only the CLI gets the credentials. */
private int runWith(Request request, String folder, Map files) {
    return withEnv(request.environment(files) + ["ECRPUSH_FOLDER=${folder}"]) {
        if (!request.bindings) {
            return runCli()
        }
        return withCredentials(request.bindings) {
            return runCli()
        }
    }
}

/**
 * exec, so that the signal of an abort reaches the CLI, which then cleans up. The agent has to read the CLI's files,
 * and may be another user, if `sh` runs as root in a container.
 */
private int runCli() {
    return sh(label: 'ecr-push run', returnStatus: true, script: '''
        set +x
        [ -O "$ECRPUSH_FOLDER" ] || umask 022
        echo "$$" >"$ECRPUSH_FOLDER/cli.pid"
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

private void finish(Request request, String folder, Map answer, int code) {
    try {
        if (code == -1) {
            optional('waiting for the CLI') { awaitCli(folder) }
        }
        if (request.publish) {
            optional('publishing') { publish(request, folder, answer.verdict in ['accepted', 'observed', 'refused']) }
        }
    } finally {
        optional('cleaning up') { uninstall(folder, code) }
    }
}

/**
 * Waits up to a minute: Jenkins itself waits for 20 seconds after an abort, and the CLI may have to end a build and
 * to remove a candidate. A zombie process has an entry in /proc, but no program.
 */
private void awaitCli(String folder) {
    withEnv(["ECRPUSH_FOLDER=${folder}"]) {
        sh(label: 'ecr-push: wait for its end', returnStatus: true, script: '''
            set +x
            cd "$ECRPUSH_FOLDER"
            [ -e cli.pid ] || exit 0
            pid=$(cat cli.pid)
            runs() { kill -0 "$pid" 2>/dev/null && { [ ! -d "/proc/$pid" ] || [ -e "/proc/$pid/exe" ]; }; }
            left=60
            while runs && [ "$left" -gt 0 ]; do
                left=$((left - 1))
                sleep 1
            done
            runs || rm -f cli.pid
        ''')
    }
}

/** Removes the installation, unless the CLI still runs. */
private void uninstall(String folder, int code) {
    withEnv(["ECRPUSH_FOLDER=${folder}", "ECRPUSH_CODE=${code}"]) {
        int failed = sh(label: 'ecr-push: clean up', returnStatus: true, script: '''
            set +x
            cd "$ECRPUSH_FOLDER"
            if [ "$ECRPUSH_CODE" = -1 ] && [ -e cli.pid ]; then
                echo "ecr-push is still running: $ECRPUSH_FOLDER stays for a week"
                exit
            fi
            rm -rf cli cli.pid install.sh environment.sh unpack.py answer.py package.txt run.txt base.txt
        ''')
        if (failed) {
            echo "ecrPush: could not clean up ${folder}: see the log above"
        }
    }
}

/** Publishes every report that there is a plugin for. */
private void publish(Request request, String folder, boolean judged) {
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
        // Without a verdict, or without a scannable image, every issue would count as fixed.
        if (judged && fileExists("${stem}.sarif")) {
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

/** Runs body. Its failure does not change the result of the run. */
private void optional(String step, Closure body) {
    try {
        body()
    } catch (NoSuchMethodError missing) {
        echo "ecrPush: ${step} skipped: its plugin is not installed"
    } catch (FlowInterruptedException aborted) {
        throw aborted
    } catch (Exception failed) {
        echo "ecrPush: ${step} failed: ${failed.message}"
    }
}
