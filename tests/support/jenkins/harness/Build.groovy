import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** One build: what it is given, and what it comes to. */
class Build {

    static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'ABORTED']

    final Map scenario
    final String cookie = UUID.randomUUID()
    final List<Map> published = [].asSynchronized()
    final List<Map> returned = [].asSynchronized()
    final List<Map> shells = [].asSynchronized()
    /** Files that the agent was given by writeFile. */
    final List<String> writes = [].asSynchronized()
    final Set<String> secrets = [].asSynchronized() as Set
    /** What `env.NAME = …` set: for the whole build, beneath withEnv. */
    final Map<String, String> global = [:].asSynchronized()
    /** How the scripts that run in containers are ended. */
    final List<Closure> kills = [].asSynchronized()
    String result = 'SUCCESS'
    String error = null
    volatile int aborts = 0
    private final StringBuilder text = new StringBuilder()
    private final ThreadLocal<Context> context = new ThreadLocal<Context>()

    Build(Map scenario) {
        this.scenario = scenario
        String workspace = scenario.workspace
        Map<String, String> variables = [WORKSPACE: workspace, WORKSPACE_TMP: workspace + '@tmp']
        context.set(new Context(workspace, variables + scenario.environment, new Agent(this)))
    }

    Context getHere() { context.get() }

    /** body in another directory or with more variables. */
    Object within(Context inner, Closure body) {
        Context outer = context.get()
        context.set(inner)
        try {
            return body.call()
        } finally {
            context.set(outer)
        }
    }

    void worsen(String to) {
        if (RESULTS.indexOf(to) > RESULTS.indexOf(result)) {
            result = to
        }
    }

    /** A line of the log, as Jenkins shows it: bound secrets are masked. */
    synchronized void log(String line) {
        String shown = line
        secrets.each { String secret -> shown = shown.replace(secret, '****') }
        text << shown << '\n'
        if (scenario.abortOn && aborts == 0 && line.contains(scenario.abortOn as String)) {
            aborts++
            Thread.start { killAll() }
        }
    }

    synchronized String getLog() { text.toString() }

    /** As Jenkins does: SIGTERM to every process that carries the build's cookie, or a script's in a container. */
    private void killAll() {
        kills.toList().each { Closure kill -> kill() }
        new File('/proc').eachDirMatch(~/\d+/) { File process ->
            try {
                if (new File(process, 'environ').text.contains("BUILD_COOKIE=${cookie}")) {
                    ['kill', '-TERM', process.name].execute().waitFor()
                }
            } catch (IOException gone) {
                return
            }
        }
    }

    /** Until the process has ended. After an abort Jenkins waits for a while, and then goes on without it. */
    void await(Process process, int before) {
        BigDecimal left = scenario.patience as BigDecimal
        while (process.alive && left > 0) {
            Thread.sleep(aborts == before ? 10 : 100)
            left -= aborts == before ? 0 : 0.1
        }
        if (process.alive) {
            throwIfAborted(before)
        }
    }

    void throwIfAborted(int before) {
        if (aborts != before) {
            throw new FlowInterruptedException('aborted')
        }
    }

}
