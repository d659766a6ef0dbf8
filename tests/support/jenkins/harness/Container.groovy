/**
 * A running container in which `sh` steps run: as DurableTask has it, in the way of the plugin that started it.
 */
abstract class Container {

    static final String COOKIE = 'JENKINS_SERVER_COOKIE'

    protected final Build build
    protected final Agent agent
    String id = ''

    Container(Build build, Agent agent) {
        this.build = build
        this.agent = agent
    }

    /** Starts a command that goes on by itself; throws where that cannot be done. */
    abstract void launch(List<String> command, String folder, Map<String, String> variables)

    /** SIGTERM to every process that carries the cookie. */
    abstract void kill(String cookie)

    void remove() { docker(['rm', '--force', '--volumes', id]) }

    protected String docker(List<String> words, String input = '') {
        agent.run(['docker'] + words, input.getBytes('UTF-8'))
    }

    /** What any container needs here: for how this machine reaches things no Jenkinsfile can know. */
    protected List<String> getOptions() {
        ['--label', build.scenario.label as String] + (build.scenario.containerOptions as List<String>)
    }

}
