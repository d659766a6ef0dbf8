import hudson.AbortException

/**
 * `podTemplate(…) { node(POD_LABEL) { container('…') { … } } }`, as the Kubernetes plugin has it: containers that
 * share the network and a volume with the workspace. The agent is one of them, `jnlp`, under a user of its own
 * (uid 1000 in jenkins/inbound-agent): files, `checkout` and reports are its. Within `container` a shell is
 * started in that container, under the user of its image, and reads from its input what to do: where to go, the
 * build's variables as `export` lines, and the command. Nothing of the agent's own environment gets there.
 *
 * Docker stands in for the cluster. Left out are pods in YAML, other working directories, and other shells.
 */
class Pod extends Agent {

    private final Map template
    private final Map<String, Container> containers = [:]
    /** The volume that all containers share: emptyDir, which anybody may write to. */
    private final File volume

    Pod(Build build, Map template) {
        super(build)
        this.template = template
        this.volume = new File(build.here.folder).parentFile
    }

    @Override
    String getUser() { build.scenario.podUser }

    @Override
    Container getContainer() { containers.jnlp }

    Container named(String name) {
        if (!containers.containsKey(name)) {
            throw new AbortException("container ${name} not found in pod")
        }
        return containers[name]
    }

    Object around(Closure body) {
        volume.mkdirs()
        run(['chmod', '0777', volume.path])
        try {
            Jnlp jnlp = new Jnlp(build, this)
            jnlp.start(start(build.scenario.jnlp as String, ['-u', user], ['cat']))
            containers.jnlp = jnlp
            template.containers.each { Map one -> containers[one.name as String] = member(one) }
            own(new File(build.here.folder))
            return build.within(build.here.of(this), body)
        } finally {
            containers.values()*.remove()
        }
    }

    private Container member(Map one) {
        List<String> words = (one.command as String ?: '').tokenize() + (one.args as String ?: '').tokenize()
        List<String> before = words ? ['--entrypoint', words[0]] : []
        Member made = new Member(build, this, one.name as String)
        made.start(start(one.image as String, before, words.drop(1)))
        return made
    }

    private List<String> start(String image, List<String> before, List<String> command) {
        List<String> mounts = template.volumes.collectMany { Map one ->
            ['-v', "${one.hostPath}:${one.mountPath}".toString()]
        }
        return before + mounts + ['-v', "${volume}:${volume}".toString(), '-w', volume.path, image] + command
    }

    @Override
    void makeFolder(File folder) { asAgent(['mkdir', '-p', folder.path]) }

    @Override
    void write(File file, byte[] content) {
        makeFolder(file.parentFile)
        asAgent(['sh', '-c', 'cat >"$0"', file.path], content)
    }

    @Override
    String read(File file) { asAgent(['cat', file.path]) }

    private String asAgent(List<String> words, byte[] input = new byte[0]) {
        run(['docker', 'exec', '-i', container.id] + words, input)
    }

    /** Where the agent is, and `sh` outside of `container`. */
    static class Jnlp extends Container {

        Jnlp(Build build, Agent agent) { super(build, agent) }

        void start(List<String> words) { id = docker(['run', '-d', '-i'] + options + words).trim() }

        void launch(List<String> command, String folder, Map<String, String> variables) {
            List<String> pairs = (agent.environment + variables).findAll { name, value -> name != 'PATH' }
                .collectMany { name, value -> ['--env', "${name}=${value}".toString()] }
            docker(['exec', '--workdir', folder] + pairs + [id] + command)
        }

        void kill(String cookie) { }

    }

    static class Member extends Container {

        private final String name

        Member(Build build, Agent agent, String name) {
            super(build, agent)
            this.name = name
        }

        void start(List<String> words) { id = docker(['run', '-d'] + options + words).trim() }

        void launch(List<String> command, String folder, Map<String, String> variables) {
            Map<String, String> exported = (variables + [POD_CONTAINER: name]).findAll { key, value ->
                key ==~ /[a-zA-Z_][a-zA-Z0-9_]*/ && agent.environment[key] != value
            }
            List<String> lines = ["cd \"${folder}\""] +
                exported.collect { key, value -> "export ${key}='${value.replace("'", "'\\''")}'" } +
                [command.collect { String word -> quoted(word) }.join(' '), 'exit']
            docker(['exec', '-i', id, 'sh'], lines.join('\n') + '\n')
        }

        void kill(String cookie) {
            launch(['sh', '-c', "kill `grep -l '${Container.COOKIE}=${cookie}' /proc/*/environ | cut -d / -f 3`"], '/', [:])
        }

        private static String quoted(String word) {
            '"' + word.replaceAll(/(["$`\\])/, '\\\\$1') + '"'
        }

    }

}
