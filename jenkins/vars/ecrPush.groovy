import groovy.transform.Field
import hudson.AbortException
import io.ecrpush.Request
import io.ecrpush.Words
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** The names of this build's reports so far: all calls of a build share one object. */
@Field final List<String> taken = []

/**
 * Builds, pushes, scans, judges and releases an image with `ecr-push run`, or runs another command, mostly on an image
 * that is there. ecrPush.txt describes the options and the Map that it returns.
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

/** The CLI is that of the library, never one of the checkout: from its bundle where it has one, else installed. */
private void install(Request request, String folder) {
    String sums = request.needsPackages(env.ECR_PUSH_SANDBOX) ? '' : bundleSums()
    if (sums) {
        handOver(folder, sums)
    } else {
        installPackages(request, folder)
    }
}

/** Returns what the library says of its bundle's files, `HASH  NAME` a line; '' if it has none, as on main. */
private String bundleSums() {
    try {
        return libraryResource(resource: 'io/ecrpush/bundle/SHA256SUMS', encoding: 'UTF-8')
    } catch (AbortException none) {
        return ''
    }
}

/**
 * Writes what the agent's Python needs of the bundle, but for what an earlier run left there. Only names of the
 * bundle are taken from the agent: before SECURITY-2476 `libraryResource` read any file of the controller.
 */
private void handOver(String folder, String sums) {
    for (String name in ['clean-up.sh', 'environment.sh', 'answer.py']) {
        writeText(folder, name)
    }
    for (String name in ['SHA256SUMS', 'start.py']) {
        writeBinary(folder, name)
    }
    String said = withEnv(["ECRPUSH_FOLDER=${folder}"]) {
        return sh(label: 'ecr-push: look for Python', returnStdout: true, script: '''
            set +x
            problem() { printf 'problem %s\\n' "$1"; exit 0; }
            [ -O "$ECRPUSH_FOLDER" ] || umask 022
            cd "$ECRPUSH_FOLDER" && [ -w . ] || problem "user $(id -u) cannot write to the agent's \
folder $ECRPUSH_FOLDER. To do: run the container as root, or as the agent's user"
            # What belongs to another user cannot be removed, and does no harm.
            find .. -name 'run-*' -prune -mtime +7 -exec rm -rf {} + || true
            [ ! -d ../kept ] || find ../kept -type f -mtime +7 -exec rm -f {} + || true
            . ./environment.sh
            find_starter || problem 'this agent has no Python 3.10 or later in its PATH. To do: \
install python3, or use an image that has it'
            export ECRPUSH_ERROR_MARK=
            said=$("$python" $python_flags start.py --needed "$PWD/../kept" 2>&1) || problem "$said"
            printf '%s\\n' "$said" | sed -n 's/^python //p' >python
            printf '%s\\n' "$said" | sed -n 's/^needs //p'
        ''')
    }
    if (said.startsWith('problem ')) {
        error("ecrPush: ${said.substring(8).trim()} (exit code 2)")
    }
    for (String name in Words.lines(said)) {
        if (!sums.contains("  ${name}\n")) {
            error("ecrPush: the bundle has no file ${name} that this agent asks for (exit code 2)")
        }
        writeBinary(folder, name)
    }
}

/** Writes a file of the bundle. No variable holds its content: Jenkins writes variables to disk at every step. */
private void writeBinary(String folder, String name) {
    writeFile(file: "${folder}/${name}", text: readBinary(name), encoding: 'Base64')
}

private String readBinary(String name) {
    try {
        return libraryResource(resource: "io/ecrpush/bundle/${name}", encoding: 'Base64')
    } catch (AbortException missing) {
        error("ecrPush: ${missing.message} SHA256SUMS beside it names it. To do: take the release again; " +
            'a mirror may lack a file (exit code 2)')
    }
    return ''
}

private void writeText(String folder, String name) {
    String text = libraryResource(resource: "io/ecrpush/${name}", encoding: 'UTF-8')
    writeFile(file: "${folder}/${name}", text: text, encoding: 'UTF-8')
}

private void installPackages(Request request, String folder) {
    for (String name in ['clean-up.sh', 'install.sh', 'environment.sh', 'unpack.py', 'answer.py', 'package.txt',
            'run.txt', 'base.txt']) {
        writeText(folder, name)
    }
    withEnv(["ECRPUSH_FOLDER=${folder}", "ECRPUSH_SANDBOX=${request.sandbox ?: env.ECR_PUSH_SANDBOX ?: ''}"]) {
        int code = sh(label: 'ecr-push: install', returnStatus: true, script: '''
            set +x
            # What belongs to another user cannot be removed, and does no harm.
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
            return runCli(request.command)
        }
        return withCredentials(request.bindings) {
            return runCli(request.command)
        }
    }
}

/**
 * exec, so that the signal of an abort reaches the CLI, which then cleans up. The agent has to read the CLI's files,
 * and may be another user, if `sh` runs as root in a container.
 */
private int runCli(String command) {
    return sh(label: "ecr-push ${command}", returnStatus: true, script: '''
        set +x
        [ -O "$ECRPUSH_FOLDER" ] || umask 022
        echo "$$" >"$ECRPUSH_FOLDER/cli.pid"
        if [ -e "$ECRPUSH_FOLDER/start.py" ]; then
            read -r python <"$ECRPUSH_FOLDER/python"
            set -- "$python" -I -S -X utf8 "$ECRPUSH_FOLDER/start.py"
        else
            set -- "$ECRPUSH_FOLDER/cli/bin/python" -I -X utf8 -m ecr_push.cli
        fi
        # `deploy ecs` is two words.
        set -- "$@" "${ECRPUSH_COMMAND%% *}"
        case $ECRPUSH_COMMAND in *' '*) set -- "$@" "${ECRPUSH_COMMAND#* }" ;; esac
        set -- "$@" --output json --
        # An argument is a line, and no pattern.
        set -f
        IFS='
'
        exec "$@" $ECRPUSH_ARGUMENTS >"$ECRPUSH_FOLDER/ecr-push.json"
    ''')
}

/** Reads the result, and removes the installation at once: another script would cost a second. */
private Map readAnswer(String folder, int code) {
    return withEnv(["ECRPUSH_FOLDER=${folder}", "ECRPUSH_CODE=${code}"]) {
        return Words.json(sh(label: 'ecr-push: read the result', returnStdout: true, script: '''
            set +x
            cd "$ECRPUSH_FOLDER"
            python=cli/bin/python
            [ ! -e python ] || read -r python <python
            "$python" -I -X utf8 answer.py ecr-push.json "$ECRPUSH_CODE"
            sh ./clean-up.sh >&2 || echo "ecrPush: could not clean up $ECRPUSH_FOLDER: see the log above" >&2
        '''))
    }
}

private void finish(Request request, String folder, Map answer, int code) {
    try {
        if (code == -1) {
            optional('waiting for the CLI') { awaitCli(folder) }
        }
        if (request.publish) {
            optional('publishing') { publish(request, folder, request.pages(answer)) }
        }
    } finally {
        if (!answer.containsKey('exitCode')) {
            optional('cleaning up') { uninstall(folder, code) }
        }
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
            exec sh ./clean-up.sh
        ''')
        if (failed) {
            echo "ecrPush: could not clean up ${folder}: see the log above"
        }
    }
}

/** Publishes every report that there is a plugin for. Of several images, each has its own. */
private void publish(Request request, String folder, List<Map> pages) {
    String stem = request.stem()
    Map html = request.html(pages)
    dir(folder) {
        optional('junit') {
            junit(testResults: "*${stem}.xml", allowEmptyResults: true, skipMarkingBuildUnstable: true)
        }
        optional('publishHTML') {
            publishHTML(target: [
                reportDir: '.', reportFiles: html.files, reportTitles: html.titles,
                reportName: "ecr-push ${request.name}",
                keepAll: true, alwaysLinkToLastBuild: true, allowMissing: true,
            ])
        }
        for (Map page in pages) {
            recordIssuesOf(page)
        }
        optional('archiveArtifacts') {
            archiveArtifacts(artifacts: "*${stem}.*", allowEmptyArchive: true)
        }
    }
}

/** Without a verdict, or without a scannable image, every issue would count as fixed. */
private void recordIssuesOf(Map page) {
    if (page.judged && fileExists("${page.file}.sarif")) {
        optional('recordIssues') {
            recordIssues(enabledForFailure: true, tools: [
                sarif(pattern: "${page.file}.sarif", id: page.id, name: page.name),
            ])
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
