import io.ecrpush.Request
import io.ecrpush.Words
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * Builds, pushes, scans, judges and releases an image with `ecr-push run`. ecrPush.txt says with which options.
 *
 * Returns a Map: image, digest, version, tags, verdict, counts, exitCode, message, reports, result.
 */
Map call(Map given = [:]) {
    Request request = Request.of(given)
    if (request.problems) {
        error("ecrPush: ${request.problems.join('; ')}")
    }
    if (!isUnix()) {
        error('ecrPush: needs an agent with sh, docker and git, which this one is not')
    }
    String place = "${env.WORKSPACE_TMP ?: pwd(tmp: true)}/ecr-push"
    String folder = makeFolder(place)
    String cli = install(place, folder)
    Map reports = request.publish ? reportFiles(request, folder) : [:]
    String result = "${folder}/ecr-push.json"
    int code = -1
    try {
        code = runWith(request, cli, result, reports)
    } finally {
        // Also after an abort: what is known by then is written.
        publish(request, folder, reports, code)
    }
    Map answer = readAnswer(cli, result, code) + [reports: reports, result: result]
    if (code in request.unstableCodes) {
        unstable("ecrPush: ${answer.message}")
    } else if (code != 0) {
        error("ecrPush: ${answer.message}")
    }
    return answer
}

/** A folder of this call's own, outside of the workspace: parallel branches may share both. */
private String makeFolder(String place) {
    withEnv(["ECRPUSH_PLACE=${place}"]) {
        return sh(label: 'ecr-push: make a folder', returnStdout: true, script: '''
            set +x
            mkdir -p "$ECRPUSH_PLACE"
            mktemp -d "$ECRPUSH_PLACE/run-XXXXXX"
        ''').trim()
    }
}

/** Puts the library's own version of the CLI onto the agent, unless it is there, and returns its Python. */
private String install(String place, String folder) {
    for (String name in ['install.sh', 'package.py', 'package.txt', 'requirements.txt', 'answer.py']) {
        writeFile(file: "${folder}/install/${name}", text: libraryResource("io/ecrpush/${name}"), encoding: 'UTF-8')
    }
    withEnv(["ECRPUSH_PLACE=${place}", "ECRPUSH_FOLDER=${folder}"]) {
        return sh(label: 'ecr-push: install', returnStdout: true, script: '''
            set +x
            sh "$ECRPUSH_FOLDER/install/install.sh" "$ECRPUSH_PLACE"
            rm "$ECRPUSH_FOLDER/install/package.txt"
        ''').trim()
    }
}

private Map reportFiles(Request request, String folder) {
    String stem = "${folder}/ecr-push-${Words.slug(request.name ?: env.ECR_PUSH_REPOSITORY ?: '')}"
    return [junit: "${stem}.xml", html: "${stem}.html", sarif: "${stem}.sarif"]
}

/** The exit code of the CLI. Nothing but the CLI sees the credentials. */
private int runWith(Request request, String cli, String result, Map reports) {
    List<String> wanted = [request.reports == null ? env.ECR_PUSH_REPORT : request.reports]
    wanted.addAll(reports.collect { format, file -> "${format}=${file}" })
    List<String> variables = request.variables + [
        "ECRPUSH_CLI=${cli}",
        "ECRPUSH_RESULT=${result}",
        "ECR_PUSH_REPORT=${wanted.findAll { one -> one }.join('\n')}",
    ]
    withEnv(variables) {
        if (request.bindings) {
            withCredentials(request.bindings) {
                return runCli()
            }
        } else {
            return runCli()
        }
    }
}

/** exec, so that the signal of an abort finds the CLI, which then cleans up. */
private int runCli() {
    return sh(label: 'ecr-push run', returnStatus: true, script: '''
        set +x
        exec "$ECRPUSH_CLI" -I -X utf8 -m ecr_push.cli run --output json >"$ECRPUSH_RESULT"
    ''')
}

private Map readAnswer(String cli, String result, int code) {
    withEnv(["ECRPUSH_CLI=${cli}", "ECRPUSH_RESULT=${result}", "ECRPUSH_CODE=${code}"]) {
        return Words.json(sh(label: 'ecr-push: read the result', returnStdout: true, script: '''
            set +x
            exec "$ECRPUSH_CLI" -I -X utf8 "${ECRPUSH_RESULT%/*}/install/answer.py" "$ECRPUSH_RESULT" "$ECRPUSH_CODE"
        '''))
    }
}

/** Every report where there is a plugin for it. Nothing here changes what the run came to. */
private void publish(Request request, String folder, Map reports, int code) {
    if (!request.publish) {
        return
    }
    String slug = Words.slug(request.name ?: env.ECR_PUSH_REPOSITORY ?: '')
    String stem = "ecr-push-${slug}"
    String title = "ecr-push ${request.name ?: slug}"
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
        // Without a verdict the file lists nothing, and all issues would count as fixed.
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
