import groovy.io.FileType
import hudson.AbortException

import java.nio.charset.Charset
import java.nio.file.FileSystems
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/**
 * The steps that there are. A name without a method here, or one that the scenario lists as missing, raises
 * NoSuchMethodError, as Jenkins has it where a plugin is not installed.
 */
class Steps {

    private static final String BASE64 = 'Base64'

    final Build build
    final Map<String, Object> vars
    private Pod pod

    Steps(Build build, Map<String, Object> vars) {
        this.build = build
        this.vars = vars
    }

    Object invoke(String name, Object[] given) {
        List arguments = given.collect { Object one -> plain(one) }
        mustSerialize(name, arguments)
        throwIfBroken(name, arguments)
        if (vars.containsKey(name)) {
            Object answer = vars[name].invokeMethod('call', arguments as Object[])
            mustSerialize(name, [answer])
            build.returned << [step: name, value: answer]
            return answer
        }
        boolean known = Steps.declaredMethods.any { java.lang.reflect.Method method ->
            method.name == name && java.lang.reflect.Modifier.isPublic(method.modifiers)
        }
        if (!known || name in build.scenario.missing || name == 'invoke') {
            throw new NoSuchMethodError("No such DSL method '${name}' found among steps")
        }
        return this.invokeMethod(name, arguments as Object[])
    }

    // ---------------------------------------------------------------- basic steps

    void echo(String message) { message.readLines().each { String line -> build.log(line) } }

    void error(String message) { throw new AbortException(message) }

    void unstable(String message) {
        build.log("WARNING: ${message}")
        build.worsen('UNSTABLE')
    }

    boolean isUnix() { build.scenario.unix != false }

    String pwd(Map given = [:]) { given.tmp ? temporary() : build.here.folder }

    Object dir(String path, Closure body) {
        File folder = build.here.file(path)
        build.here.agent.makeFolder(folder)
        return build.within(build.here.at(folder.path), body)
    }

    Object withEnv(List<String> pairs, Closure body) {
        Map<String, String> more = pairs.collectEntries { String pair ->
            int equals = pair.indexOf('=')
            [pair.substring(0, equals), pair.substring(equals + 1)]
        }
        return build.within(build.here.with(more), body)
    }

    /** Within podTemplate a node is a pod. */
    Object node(String label = '', Closure body) {
        label && label == build.here.variables.POD_LABEL ? pod.around(body) : body.call()
    }

    // ---------------------------------------------------------------- Kubernetes

    Object podTemplate(Map given, Closure body) {
        pod = new Pod(build, [containers: [], volumes: []] + given)
        return build.within(build.here.with([POD_LABEL: "pod-${build.scenario.name}".toString()]), body)
    }

    Map containerTemplate(Map given) { given }

    Map hostPathVolume(Map given) { given }

    Object container(String name, Closure body) {
        build.within(build.here.into((build.here.agent as Pod).named(name)), body)
    }

    // ---------------------------------------------------------------- more basic steps

    Object stage(String name, Closure body) {
        build.log("stage: ${name}")
        return body.call()
    }

    Object script(Closure body) { body.call() }

    Object timeout(Map given, Closure body) { body.call() }

    /** Basic Steps, 2.10 and later: with the encoding Base64, and no other spelling of it, the text is decoded. */
    void writeFile(Map given) {
        String text = given.text
        String encoding = (given.encoding as String)?.trim()
        build.writes << (given.file as String)
        write(given.file as String, encoding == BASE64 ? Base64.decoder.decode(text) : text.getBytes(charset(encoding)))
    }

    protected void write(String path, byte[] content) { build.here.agent.write(build.here.file(path), content) }

    String readFile(String path) { build.here.agent.read(build.here.file(path)) }

    String libraryResource(String path) { libraryResource(resource: path) }

    /** Groovy Libraries, or Shared Groovy Libraries 2.10 and later: a file as a text, or encoded as Base64. */
    String libraryResource(Map given) {
        String path = given.resource
        String encoding = (given.encoding as String)?.trim()
        File resources = new File(build.scenario.library as String, 'resources').canonicalFile
        File file = new File(resources, path)
        if (!file.toPath().normalize().startsWith(resources.toPath())) {
            throw new AbortException("${path} references a file that is not contained within the library: ecr-push")
        }
        if (!file.exists()) {
            throw new AbortException("No such library resource ${path} could be found.")
        }
        return encoding == BASE64 ? Base64.encoder.encodeToString(file.bytes) : file.getText(charset(encoding))
    }

    /** Without an encoding it is the controller's or the agent's own. */
    private static String charset(String encoding) { encoding ?: Charset.defaultCharset().name() }

    Object catchError(Map given = [:], Closure body) {
        try {
            return body.call()
        } catch (AbortException failed) {
            build.log("ERROR: ${failed.message}")
            build.worsen(given.buildResult as String ?: 'FAILURE')
            return null
        }
    }

    /** Every branch runs to its end; the first failure is the step's. */
    Map parallel(Map branches) {
        Context here = build.here
        ExecutorService pool = Executors.newCachedThreadPool()
        try {
            Map running = branches.findAll { name, body -> body instanceof Closure }.collectEntries { name, body ->
                [name, pool.submit({ build.within(here, body as Closure) } as Callable)]
            }
            Throwable first = null
            Map answers = running.collectEntries { name, future ->
                try {
                    return [name, future.get()]
                } catch (java.util.concurrent.ExecutionException failed) {
                    first = first ?: failed.cause
                    return [name, null]
                }
            }
            if (first) {
                throw first
            }
            return answers
        } finally {
            pool.shutdown()
        }
    }

    /** In the shape that the Git plugin leaves; what it found out is returned, and put into no variable. */
    Map<String, String> checkout(Object scm) {
        Map found = new Checkout(build.scenario, { List<String> words -> runGit(words as String[]) }).run()
        build.here.agent.own(new File(build.here.folder))
        return found
    }

    // ---------------------------------------------------------------- sh

    Object sh(String script) { sh(script: script) }

    /** As the durable-task plugin: a file run by `sh -xe`, in an environment that is the agent's and the build's. */
    Object sh(Map given) {
        build.shells << [label: given.label, variables: build.here.variables.keySet().toList()]
        int before = build.aborts
        Map ended = build.here.container ? inContainer(given) : besideTheAgent(given, before)
        build.throwIfAborted(before)
        if (given.returnStatus) {
            return ended.code
        }
        if (ended.code != 0) {
            throw new AbortException("script returned exit code ${ended.code}")
        }
        return given.returnStdout ? ended.output : null
    }

    private Map inContainer(Map given) {
        new DurableTask(build, build.here.container, temporary()).run(given, build.global + build.here.variables)
    }

    private Map besideTheAgent(Map given, int before) {
        File folder = new File(temporary(), "durable-${UUID.randomUUID()}")
        folder.mkdirs()
        File script = new File(folder, 'script.sh')
        script.write(given.script as String, 'UTF-8')
        ProcessBuilder builder = new ProcessBuilder('sh', '-xe', script.path).directory(new File(build.here.folder))
        builder.environment().clear()
        builder.environment().putAll(build.scenario.agent + build.global + build.here.variables + [BUILD_COOKIE: build.cookie])
        Process process = builder.redirectInput(new File('/dev/null')).start()
        StringBuilder output = new StringBuilder()
        List<Thread> reading = [
            Thread.start { process.errorStream.eachLine('UTF-8') { String line -> build.log(line) } },
            Thread.start {
                if (given.returnStdout) {
                    output << process.inputStream.getText('UTF-8')
                } else {
                    process.inputStream.eachLine('UTF-8') { String line -> build.log(line) }
                }
            },
        ]
        build.await(process, before)
        reading*.join()
        int code = process.exitValue()
        folder.deleteDir()
        return [code: code, output: output.toString()]
    }

    // ---------------------------------------------------------------- credentials

    Object withCredentials(List<Map> bindings, Closure body) {
        Map<String, String> bound = [:]
        bindings.each { Map binding ->
            Map stored = build.scenario.credentials?.get(binding.credentialsId)
            if (!stored) {
                throw new AbortException("Could not find credentials entry with ID '${binding.credentialsId}'")
            }
            if (binding.$class == 'GitUsernamePasswordBinding') {
                bound.putAll(stored as Map<String, String>)
            }
            ['accessKeyVariable', 'secretKeyVariable', 'usernameVariable', 'passwordVariable', 'variable'].each {
                String key -> if (binding[key]) { bound[binding[key] as String] = stored[key] as String }
            }
        }
        build.secrets.addAll(bound.values())
        return build.within(build.here.with(bound), body)
    }

    Map string(Map given) { [$class: 'StringBinding'] + given }

    Map gitUsernamePassword(Map given) { [$class: 'GitUsernamePasswordBinding'] + given }

    Map usernamePassword(Map given) { [$class: 'UsernamePasswordMultiBinding'] + given }

    // ---------------------------------------------------------------- publishing

    void junit(Map given) { publish('junit', given, given.testResults as String) }

    void archiveArtifacts(Map given) { publish('archiveArtifacts', given, given.artifacts as String) }

    void publishHTML(Map given) { publish('publishHTML', given, given.target.reportFiles as String) }

    void recordIssues(Map given) { publish('recordIssues', given, given.tools[0].pattern as String) }

    boolean fileExists(String path) { return new File(build.here.folder, path).exists() }

    Map sarif(Map given) { [$class: 'Sarif'] + given }

    private void publish(String step, Map given, String pattern) {
        Map<String, String> found = [:]
        File here = new File(build.here.folder)
        pattern.split(',').each { String one ->
            here.eachFileRecurse(FileType.FILES) { File file ->
                Path path = here.toPath().relativize(file.toPath())
                if (FileSystems.default.getPathMatcher("glob:${one.trim()}").matches(path)) {
                    found[path.toString()] = build.here.agent.read(file)
                }
            }
        }
        if (step == 'junit' && !given.skipMarkingBuildUnstable && found.values().any { it.contains('<failure') }) {
            build.worsen('UNSTABLE')
        }
        build.published << [step: step, arguments: given, files: found]
    }

    // ---------------------------------------------------------------- how

    /** A step, or `sh` with one label, which the scenario lists. */
    private void throwIfBroken(String name, List arguments) {
        String label = arguments && arguments[0] instanceof Map ? arguments[0].label : ''
        if ([name, "${name} ${label}".toString()].any { String one -> one in build.scenario.broken }) {
            throw new IOException("${name} is broken")
        }
    }

    /** Beside the present directory, as WorkspaceList.tempDir has it: within `dir` that is in the workspace. */
    private String temporary() {
        File folder = new File(build.here.folder + '@tmp')
        build.here.agent.makeFolder(folder)
        return folder.path
    }

    /** As the agent, whose the folder is; the harness has more rights, and git would distrust it. */
    protected String runGit(String... words) {
        Process process = new ProcessBuilder(['git', '-c', 'safe.directory=*', *words]).directory(new File(build.here.folder))
            .redirectErrorStream(true).start()
        String said = process.inputStream.text
        if (process.waitFor()) {
            throw new AbortException("git ${words.join(' ')}: ${said}")
        }
        return said.trim()
    }

    /** Jenkins hands GStrings over as texts. */
    protected static Object plain(Object value) {
        if (value instanceof GString) {
            return value.toString()
        }
        if (value instanceof Map) {
            return value.collectEntries { key, of -> [key.toString(), plain(of)] }
        }
        return value instanceof List ? value.collect { Object one -> plain(one) } : value
    }

    /** What steps take and give is written to disk by Jenkins. */
    protected static void mustSerialize(String name, List values) {
        values.each { Object value ->
            if (value instanceof Closure) {
                return
            }
            Object kept = value instanceof Map ? value.findAll { key, of -> !(of instanceof Closure) } : value
            try {
                new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(kept)
            } catch (NotSerializableException failed) {
                throw new IllegalStateException("${name}: not serializable: ${failed.message}", failed)
            }
        }
    }

}
