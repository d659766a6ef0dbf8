/**
 * `docker.image('…').inside('…') { … }`, as the Docker Pipeline plugin (docker-workflow) has it: the agent starts
 * the image with `cat` under its own uid:gid, with the workspace and its temporary folder at the same places;
 * `docker exec` runs what `sh` starts; PATH and what the agent's process has too stay behind. Files, `checkout`
 * and reports are the agent's. `docker.build`, `push` and `withRegistry` are the docker command, without a login.
 * Left out are tools, and agents that are containers themselves.
 */
class DockerPipeline {

    private final Steps steps

    DockerPipeline(Steps steps) { this.steps = steps }

    Image image(String id) { new Image(id: id, steps: steps) }

    /** `args` are docker's own, the context at their end. */
    Image build(String name, String args = '.') {
        Image made = new Image(id: name, built: qualified(steps, name), steps: steps)
        steps.sh("docker build -t \"${made.built}\" ${args}")
        return made
    }

    /** Within it names without a registry get this one. The login is left out. */
    Object withRegistry(String url, String credentialsId = '', Closure body) {
        String host = url.replaceAll('^https?://', '').replaceAll('/$', '')
        return steps.withEnv(["JD_REGISTRY=${host}".toString()], body)
    }

    private static String qualified(Steps steps, String name) {
        String host = steps.build.here.variables.JD_REGISTRY
        return host && !name.startsWith("${host}/") ? "${host}/${name}" : name
    }

    static class Image implements Serializable {

        String id
        String built
        private transient Steps steps

        /** With its own tag, or another one. */
        void push(String tag = '') {
            int colon = id.lastIndexOf(':')
            boolean tagged = colon > id.lastIndexOf('/')
            String repository = tagged ? id.substring(0, colon) : id
            String own = tagged ? id.substring(colon + 1) : 'latest'
            String name = qualified(steps, "${repository}:${tag ?: own}")
            steps.sh("docker tag \"${built ?: id}\" \"${name}\"")
            steps.sh("docker push \"${name}\"")
        }

        void pull() { steps.withEnv(["JD_TO_PULL=${id}".toString()]) { steps.sh('docker pull "$JD_TO_PULL"') } }

        Object inside(String options = '', Closure body) {
            steps.withEnv(["JD_TO_RUN=${id}".toString()]) {
                if (steps.sh(script: 'docker inspect -f . "$JD_TO_RUN"', returnStatus: true) != 0) {
                    pull()
                }
            }
            Build build = steps.build
            Inside container = new Inside(build, build.here.agent, build.here.folder)
            container.start(id, options)
            try {
                return build.within(build.here.into(container), body)
            } finally {
                container.stop()
            }
        }

    }

    static class Inside extends Container {

        private final String workspace

        Inside(Build build, Agent agent, String workspace) {
            super(build, agent)
            this.workspace = workspace
        }

        void start(String image, String given) {
            String temporary = workspace + '@tmp'
            [workspace, temporary].each { String one -> agent.makeFolder(new File(one)) }
            List<String> user = agent.user ? ['-u', agent.user] : []
            List<String> folders = ['-w', workspace] +
                [workspace, temporary].collectMany { String one -> ['-v', "${one}:${one}:rw,z".toString()] }
            id = docker(['run', '-t', '-d'] + user + given.tokenize() + options + folders +
                pairs('-e', build.global + build.here.variables) + [image, 'cat']).trim()
            if (!docker(['top', id, '-eo', 'pid,comm']).contains('cat')) {
                build.log('ERROR: the container did not run the expected command: see its ENTRYPOINT')
            }
        }

        void stop() {
            docker(['stop', '--time=1', id])
            remove()
        }

        void launch(List<String> command, String folder, Map<String, String> variables) {
            List<String> at = folder == workspace ? [] : ['--workdir', folder]
            docker(['exec'] + at + pairs('--env', agent.environment + variables) + [id] + command)
        }

        /** Needs a `ps` in the image that shows environments, which is procps'. */
        void kill(String cookie) {
            List<String> found = docker(['exec', id, 'ps', '-A', '-o', 'pid,command', 'e']).readLines()
                .findAll { String line -> line.contains("${Container.COOKIE}=${cookie}") }
                .collect { String line -> line.trim().tokenize(' ')[0] }
            if (found) {
                docker(['exec', id, 'kill'] + found)
            }
        }

        private List<String> pairs(String flag, Map<String, String> variables) {
            variables.findAll { name, value -> name != 'PATH' && agent.environment[name] != value }
                .collectMany { name, value -> [flag, "${name}=${value}".toString()] }
        }

    }

    /** `agent { docker { image '…'; args '…' } }`; `agent { label '…' }` says nothing about containers. */
    static class Declared {

        String image = ''
        String options = ''

        void docker(String image) { this.image = image }

        void docker(Closure body) {
            body.delegate = this
            body.resolveStrategy = Closure.DELEGATE_FIRST
            body.call()
        }

        void image(String name) { image = name }

        void args(String text) { options = text }

        void label(String text) { }

        void reuseNode(boolean reuse) { }

        Object around(Steps steps, Closure body) {
            image ? new Image(id: image, steps: steps).inside(options, body) : body.call()
        }

    }

}
